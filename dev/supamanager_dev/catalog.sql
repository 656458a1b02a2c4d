-- The schema `public` of a database as one JSON document, in an order that does not change.
SELECT jsonb_pretty(jsonb_build_object(
    'tables', (
        SELECT jsonb_agg(jsonb_build_object(
            'name', c.relname,
            'kind', CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
            'unlogged', c.relpersistence = 'u',
            'columns', (
                SELECT jsonb_agg(jsonb_build_object(
                    'name', a.attname,
                    'type', format_type(a.atttypid, a.atttypmod),
                    'required', a.attnotnull,
                    'identity', a.attidentity <> '',
                    'generated', a.attgenerated <> '',
                    'default', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
                FROM pg_attribute AS a
                LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
            'constraints', (
                SELECT jsonb_agg(jsonb_build_object(
                    'kind', o.contype,
                    'columns', (
                        SELECT jsonb_agg(a.attname ORDER BY k.number)
                        FROM unnest(o.conkey) WITH ORDINALITY AS k (attnum, number)
                        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum),
                    'target', t.relname,
                    'text', pg_get_constraintdef(o.oid)) ORDER BY o.contype, o.conname)
                FROM pg_constraint AS o
                LEFT JOIN pg_class AS t ON t.oid = o.confrelid
                WHERE o.conrelid = c.oid AND o.contype IN ('p', 'u', 'f', 'c')),
            'indexes', (
                SELECT jsonb_agg(jsonb_build_object(
                    'name', x.relname,
                    'unique', i.indisunique,
                    'text', pg_get_indexdef(i.indexrelid)) ORDER BY x.relname)
                FROM pg_index AS i
                JOIN pg_class AS x ON x.oid = i.indexrelid
                WHERE i.indrelid = c.oid AND NOT EXISTS (
                    SELECT FROM pg_constraint AS o WHERE o.conindid = i.indexrelid)),
            'triggers', (
                SELECT jsonb_agg(DISTINCT p.proname ORDER BY p.proname)
                FROM pg_trigger AS g
                JOIN pg_proc AS p ON p.oid = g.tgfoid
                WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)) ORDER BY c.relname)
        FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v'))));
