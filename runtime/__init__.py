"""What the service runs on: settings, stores, embedded servers, logs and metrics."""
