"""Generated documents over generated schemas, run by the reference executor and by the plan, and compared."""
