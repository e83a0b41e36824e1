"""Language models: asked by the OpenAI protocol, within a budget, and told no address nor telephone number."""
