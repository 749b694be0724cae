package quickbi

import "context"

// Favorite is a work among the favorites of a user.
type Favorite struct {
	FavoriteID    int       `json:"FavoriteId"` // id of the entry, not of the work
	WorksID       string    `json:"WorksId"`
	WorksName     string    `json:"WorksName"`
	WorksType     WorksType `json:"WorksType"`
	OwnerID       string    `json:"OwnerId"` // UserID of the work's owner
	WorkspaceID   string    `json:"WorkspaceId"`
	WorkspaceName string    `json:"WorkspaceName"`
}

// CancelCollectionRequest are the parameters of [Client.CancelCollection].
type CancelCollectionRequest struct {
	UserID  string `url:"UserId" quickbi:"required"`
	WorksID string `url:"WorksId" quickbi:"required"`
}

// CancelCollection removes a work from the favorites of a user.
//
// Expect [ErrFavoriteNotFound] if the work is not a favorite, [ErrReportNotFound]
// and [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-cancelcollection
func (c *Client) CancelCollection(ctx context.Context, in *CancelCollectionRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("CancelCollection"), in, opts)
}

// ListCollectionsRequest are the parameters of [Client.ListCollections].
type ListCollectionsRequest struct {
	UserID string `url:"UserId" quickbi:"required"` // Quick BI's own id, not the UID of the cloud account
}

// ListCollections returns the favorites of a user. [Client.ListFavoriteReports]
// returns more fields of each, and can filter them.
//
// Expect [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listcollections
func (c *Client) ListCollections(ctx context.Context, in *ListCollectionsRequest, opts ...CallOption) (*Response[[]Favorite], error) {
	return call[[]Favorite](ctx, c, read("ListCollections"), in, opts)
}

// SaveFavoritesRequest are the parameters of [Client.SaveFavorites].
type SaveFavoritesRequest struct {
	UserID  string `url:"UserId" quickbi:"required"`
	WorksID string `url:"WorksId" quickbi:"required"`
}

// SaveFavorites adds a work to the favorites of a user.
//
// Expect [ErrReportNotFound], [ErrUserNotInOrganization], and [ErrWorkspaceDisabled]
// if the workspace of the work is disabled or deleted.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-savefavorites
func (c *Client) SaveFavorites(ctx context.Context, in *SaveFavoritesRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("SaveFavorites"), in, opts)
}
