"""The USSD tree and every sentence the service says, as data; and the engine that walks it."""
