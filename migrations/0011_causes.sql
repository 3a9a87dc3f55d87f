-- How often each cause was found lately: a page counts the verdicts of the last thirty days without reading older ones.
CREATE INDEX verdicts_with_causes ON verdicts (decided_at, cause, warnings)
    WHERE cause IS NOT NULL OR warnings <> '[]';
