"""Commands of the documents that the ledger makes, one module each; ``service.cli`` puts them together."""
