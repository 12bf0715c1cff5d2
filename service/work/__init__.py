"""Background work: jobs that outlive a restart, and the fair queue for the model."""
