"""Research of companies at work: the queue of runs, the companies' websites, and feeds of news."""
