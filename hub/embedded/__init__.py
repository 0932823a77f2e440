"""PostgreSQL and Valkey from wheels, and the supervisor that keeps a whole hub alive on one machine."""
