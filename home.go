package quickbi

import (
	"context"
	"iter"
)

// RecentViewOrder is the order of [Client.ListRecentViewReports].
type RecentViewOrder string

// The orders.
const (
	RecentViewByCount RecentViewOrder = "1" // by number of views
	RecentViewByTime  RecentViewOrder = "2" // by time of the latest view
)

// HomeReport is a work on the home page of a user.
type HomeReport struct {
	WorksID       string      `json:"TreeId"`
	WorksName     string      `json:"Name"`
	WorksType     WorksType   `json:"Type"`
	Status        WorksStatus `json:"PublishStatus"`
	OwnerID       string      `json:"OwnerNum"`  // UserID
	OwnerName     string      `json:"OwnerName"` // name of the owner's cloud account
	WorkspaceID   string      `json:"WorkspaceId"`
	WorkspaceName string      `json:"WorkspaceName"`
	CreatedTime   UnixMilli   `json:"GmtCreate,string"`
	ModifiedTime  UnixMilli   `json:"GmtModified,string"`
	Favorite      bool        `json:"Favorite"`    // a favorite of the user
	HasViewAuth   bool        `json:"HasViewAuth"` // the user may view it
	HasEditAuth   bool        `json:"HasEditAuth"` // the user may edit it

	// FavoriteDate is when the user made it a favorite. Filled by ListFavoriteReports only.
	FavoriteDate UnixMilli `json:"FavoriteDate,string,omitzero"`
	// ViewCount is the number of views. Filled by ListRecentViewReports only.
	ViewCount int64 `json:"ViewCount,omitzero"`
	// LatestViewTime is the time of the latest view. Filled by ListRecentViewReports only.
	LatestViewTime UnixMilli `json:"LatestViewTime,string,omitzero"`
}

// RecentViewPage is the list of [Client.ListRecentViewReports].
type RecentViewPage struct {
	Page[HomeReport]
	// Attention is a notice to developers, in Chinese. It announces that PageNum,
	// PageSize, TotalNum and TotalPages will go: do not rely on them.
	// ListRecentViewReportsAll does not.
	Attention string `json:"Attention"`
}

// ListFavoriteReportsRequest are the parameters of [Client.ListFavoriteReports].
type ListFavoriteReportsRequest struct {
	UserID  string `url:"UserId" quickbi:"required"`
	Keyword string `url:"Keyword,omitempty"` // part of a work's name
	// WorksType is WorksTypePortal, WorksTypeDashboard or WorksTypeSpreadsheet; left out: all.
	WorksType WorksType `url:"TreeType,omitempty" quickbi:"kinds=DATAPRODUCT PAGE REPORT"`
	PageSize  int       `url:"PageSize,omitempty" quickbi:"min=1,max=9999"` // default 10
}

// ListFavoriteReports returns the favorites of a user, up to PageSize. There are no
// further pages: ask for more, or use [Client.ListFavoriteReportsAll].
//
// Expect [ErrInvalidUserOrganization] for a user who is not a member of the organization.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listfavoritereports
func (c *Client) ListFavoriteReports(ctx context.Context, in *ListFavoriteReportsRequest, opts ...CallOption) (*Response[Page[HomeReport]], error) {
	return call[Page[HomeReport]](ctx, c, read("ListFavoriteReports"), in, opts)
}

// ListFavoriteReportsAll returns all entries of [Client.ListFavoriteReports]. If
// there are more than 9999, the largest page, it ends with an error.
func (c *Client) ListFavoriteReportsAll(ctx context.Context, in *ListFavoriteReportsRequest, opts ...CallOption) iter.Seq2[HomeReport, error] {
	return allAtOnce[HomeReport](ctx, c, in, c.ListFavoriteReports, opts)
}

// ListRecentViewReportsRequest are the parameters of [Client.ListRecentViewReports].
type ListRecentViewReportsRequest struct {
	UserID  string `url:"UserId" quickbi:"required"`
	Keyword string `url:"Keyword,omitempty"` // part of a work's name
	// WorksType is WorksTypePortal, WorksTypeDashboard or WorksTypeSpreadsheet; left out: all.
	WorksType WorksType       `url:"TreeType,omitempty" quickbi:"kinds=DATAPRODUCT PAGE REPORT"`
	OffsetDay *int            `url:"OffsetDay,omitempty"`                         // number of days back; default 10
	QueryMode RecentViewOrder `url:"QueryMode,omitempty" quickbi:"oneof=1 2"`     // default RecentViewByCount
	PageSize  int             `url:"PageSize,omitempty" quickbi:"min=1,max=9999"` // default 10
}

// ListRecentViewReports returns the works that a user viewed in the last days, up
// to PageSize, by number or time of the views. There are no further pages: ask for
// more, or use [Client.ListRecentViewReportsAll].
//
// Expect [ErrInvalidUserOrganization] for a user who is not a member of the organization.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listrecentviewreports
func (c *Client) ListRecentViewReports(ctx context.Context, in *ListRecentViewReportsRequest, opts ...CallOption) (*Response[RecentViewPage], error) {
	return call[RecentViewPage](ctx, c, read("ListRecentViewReports"), in, opts)
}

// ListRecentViewReportsAll returns all entries of [Client.ListRecentViewReports].
// If there are more than 9999, the largest page, it ends with an error.
func (c *Client) ListRecentViewReportsAll(ctx context.Context, in *ListRecentViewReportsRequest, opts ...CallOption) iter.Seq2[HomeReport, error] {
	return allAtOnce[HomeReport](ctx, c, in, c.ListRecentViewReports, opts)
}

// ListSharedReportsRequest are the parameters of [Client.ListSharedReports].
type ListSharedReportsRequest struct {
	UserID  string `url:"UserId" quickbi:"required"`
	Keyword string `url:"Keyword,omitempty"` // part of a work's name
	// WorksType is WorksTypePortal, WorksTypeDashboard or WorksTypeSpreadsheet; left out: all.
	WorksType WorksType `url:"TreeType,omitempty" quickbi:"kinds=DATAPRODUCT PAGE REPORT"`
	PageSize  int       `url:"PageSize,omitempty" quickbi:"min=1,max=9999"` // default 10
}

// ListSharedReports returns the works that a user has been given rights on, up to
// PageSize. There are no further pages: ask for more, or use
// [Client.ListSharedReportsAll].
//
// Expect [ErrInvalidUserOrganization] for a user who is not a member of the organization.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listsharedreports
func (c *Client) ListSharedReports(ctx context.Context, in *ListSharedReportsRequest, opts ...CallOption) (*Response[Page[HomeReport]], error) {
	return call[Page[HomeReport]](ctx, c, read("ListSharedReports"), in, opts)
}

// ListSharedReportsAll returns all entries of [Client.ListSharedReports]. If there
// are more than 9999, the largest page, it ends with an error.
func (c *Client) ListSharedReportsAll(ctx context.Context, in *ListSharedReportsRequest, opts ...CallOption) iter.Seq2[HomeReport, error] {
	return allAtOnce[HomeReport](ctx, c, in, c.ListSharedReports, opts)
}
