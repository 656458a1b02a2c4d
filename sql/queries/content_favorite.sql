-- name: AddFavorite :exec
INSERT INTO content_favorite (content_id, account_id) VALUES ($1, $2)
ON CONFLICT (content_id, account_id) DO NOTHING;

-- name: DropFavorite :exec
DELETE FROM content_favorite WHERE content_id = $1 AND account_id = $2;
