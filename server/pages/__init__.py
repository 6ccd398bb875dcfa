"""The pages of the house: where a person starts, GraphiQL, and the documentation of the REST API."""
