"""What a run depends on: scenario, framework, rules, ratings, shocks, own tables, and the source of every number."""
