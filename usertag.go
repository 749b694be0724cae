package quickbi

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/internal/json"
)

// UserTagCleared, as the only value, clears a tag of a member.
const UserTagCleared = "$NULL$"

// UserTag is a property of members, such as their position. Row-level permissions
// can refer to it.
type UserTag struct {
	TagID       string `json:"TagId"`
	TagName     string `json:"TagName"`
	Description string `json:"TagDescription"`
}

// UserTagValue is the value of a tag for one member.
type UserTagValue struct {
	TagID     string    `json:"TagId"`
	TagName   string    `json:"TagName"`
	TagValues TagValues `json:"TagValue"`
}

// TagValues are the values of a tag for one member. On the wire they are one text,
// separated by commas.
type TagValues []string

// MarshalJSON writes the text.
func (v TagValues) MarshalJSON() ([]byte, error) { return json.Marshal(strings.Join(v, ",")) }

// UnmarshalJSON reads the text. There are no values in null and in an empty text.
func (v *TagValues) UnmarshalJSON(text []byte) error {
	var joined string
	if err := json.Unmarshal(text, &joined, tolerantOptions()); err != nil {
		return err
	}
	*v = nil
	if joined != "" {
		*v = strings.Split(joined, ",")
	}
	return nil
}

// DynamicTagAttribute is the property of members that the table of a dynamic tag
// refers to.
type DynamicTagAttribute int

// The properties of members.
const (
	DynamicTagAccountID   DynamicTagAttribute = 0
	DynamicTagAccountName DynamicTagAttribute = 1
	DynamicTagNickName    DynamicTagAttribute = 2
)

// DynamicTag is a tag whose values come from a table of a data source.
type DynamicTag struct {
	ConfigID         string              `json:"ConfigId"`
	ConfigName       string              `json:"ConfigName"`
	DataSourceID     string              `json:"DsId"`
	TableName        string              `json:"TableName"`
	ColumnName       string              `json:"ColumnName"` // a column of the table
	OrganizationID   string              `json:"OrganizationId"`
	RelatedAttribute DynamicTagAttribute `json:"RelatedAttribute"`
}

// AddUserTagMetaRequest are the parameters of [Client.AddUserTagMeta].
type AddUserTagMetaRequest struct {
	// TagName has 50 characters at most: Chinese characters, letters, digits and / \ | [ ] ( ).
	TagName     string `url:"TagName" quickbi:"required,max=50"`
	Description string `url:"TagDescription,omitempty" quickbi:"max=255"` // 255 characters at most
}

// AddUserTagMeta adds a tag to the organization. The result is its id.
//
// Expect [ErrDuplicateTagName] and [ErrInvalidNameFormat].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-addusertagmeta
func (c *Client) AddUserTagMeta(ctx context.Context, in *AddUserTagMetaRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, write("AddUserTagMeta"), in, opts)
}

// ClearDynamicTagCacheRequest are the parameters of [Client.ClearDynamicTagCache].
type ClearDynamicTagCacheRequest struct {
	ConfigID string `url:"ConfigId" quickbi:"required"` // of a [DynamicTag]
}

// ClearDynamicTagCache drops the cached values of one dynamic tag, so that the
// service reads them from the table again.
//
// Expect [ErrTagNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-cleardynamictagcache
func (c *Client) ClearDynamicTagCache(ctx context.Context, in *ClearDynamicTagCacheRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("ClearDynamicTagCache"), in, opts)
}

// DeleteUserTagMetaRequest are the parameters of [Client.DeleteUserTagMeta].
type DeleteUserTagMetaRequest struct {
	TagID string `url:"TagId" quickbi:"required"`
}

// DeleteUserTagMeta deletes a tag of the organization. It cannot be undone.
//
// Expect [ErrUserTagNotInOrganization] if the tag is already gone.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deleteusertagmeta
func (c *Client) DeleteUserTagMeta(ctx context.Context, in *DeleteUserTagMetaRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteUserTagMeta"), in, opts)
}

// ListDynamicTagRequest are the parameters of [Client.ListDynamicTag]: none.
type ListDynamicTagRequest struct{}

// ListDynamicTag returns the dynamic tags of the organization.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listdynamictag
func (c *Client) ListDynamicTag(ctx context.Context, in *ListDynamicTagRequest, opts ...CallOption) (*Response[[]DynamicTag], error) {
	return call[[]DynamicTag](ctx, c, read("ListDynamicTag"), in, opts)
}

// QueryUserTagMetaListRequest are the parameters of [Client.QueryUserTagMetaList]: none.
type QueryUserTagMetaListRequest struct{}

// QueryUserTagMetaList returns the tags of the organization.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryusertagmetalist
func (c *Client) QueryUserTagMetaList(ctx context.Context, in *QueryUserTagMetaListRequest, opts ...CallOption) (*Response[[]UserTag], error) {
	return call[[]UserTag](ctx, c, read("QueryUserTagMetaList").get(), in, opts)
}

// QueryUserTagValueListRequest are the parameters of [Client.QueryUserTagValueList].
type QueryUserTagValueListRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
}

// QueryUserTagValueList returns the tags of one member with their values.
//
// Expect [ErrInvalidUserOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryusertagvaluelist
func (c *Client) QueryUserTagValueList(ctx context.Context, in *QueryUserTagValueListRequest, opts ...CallOption) (*Response[[]UserTagValue], error) {
	return call[[]UserTagValue](ctx, c, read("QueryUserTagValueList").get(), in, opts)
}

// UpdateUserTagMetaRequest are the parameters of [Client.UpdateUserTagMeta].
type UpdateUserTagMetaRequest struct {
	TagID string `url:"TagId" quickbi:"required,max=64"`
	// TagName is required even if it does not change: 50 characters at most, of
	// Chinese characters, letters, digits and / \ | [ ] ( ).
	TagName     string  `url:"TagName" quickbi:"required,max=50"`
	Description *string `url:"TagDescription,omitempty" quickbi:"max=255"` // 255 characters at most; new("") removes it
}

// UpdateUserTagMeta changes the name and the description of a tag.
//
// Expect [ErrUserTagNotInOrganization], [ErrDuplicateTagName] and
// [ErrInvalidNameFormat].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateusertagmeta
func (c *Client) UpdateUserTagMeta(ctx context.Context, in *UpdateUserTagMetaRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateUserTagMeta"), in, opts)
}

// UpdateUserTagValueRequest are the parameters of [Client.UpdateUserTagValue].
type UpdateUserTagValueRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
	TagID  string `url:"TagId" quickbi:"required"`
	// TagValues replace the present values: 3000 characters at most in all, commas
	// between them included. UserTagCleared alone clears the tag.
	TagValues []string `url:"TagValue,comma" quickbi:"required"`
}

func (in *UpdateUserTagValueRequest) check(problem func(parameter, text string)) {
	const most = 3000
	if n := utf8.RuneCountInString(strings.Join(in.TagValues, ",")); n > most {
		problem("TagValue", fmt.Sprintf("has %d characters, more than %d", n, most))
	}
}

// UpdateUserTagValue sets the values of a tag for one member.
//
// Expect [ErrUserNotInOrganization] and [ErrUserTagNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateusertagvalue
func (c *Client) UpdateUserTagValue(ctx context.Context, in *UpdateUserTagValueRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateUserTagValue"), in, opts)
}
