"""openapi.yaml as this server reads it: surfaces, operations and the places they stand at."""
