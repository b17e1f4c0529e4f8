"""The HTTP door, `sitwell serve`: jobs that outlive crashes, for many tenants; the only home of FastAPI.

`database`, `keys`, `jobs`, `leases` and `outbox` are what is durable; `worker` mixes; the rest speaks HTTP.
"""
