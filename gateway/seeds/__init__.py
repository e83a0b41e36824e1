"""What fills a database: the documents' printed records for a demo, and volume for measuring."""
