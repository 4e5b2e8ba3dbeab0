"""The figures of the product, each measured on private servers of its own: `python -m benchmarks`."""
