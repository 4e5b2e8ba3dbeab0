"""SMS in and out: webhooks, commands, the outbox and its drain, pacing, delivery reports, the provider."""
