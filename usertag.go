package quickbi

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/internal/json"
)

// UserTagCleared, as the only value, takes the value of a tag away from a member.
const UserTagCleared = "$NULL$"

// UserTag is a property that members of the organization can have, such as
// their position. Row-level permissions can refer to it.
type UserTag struct {
	TagID       string `json:"TagId"`
	TagName     string `json:"TagName"`
	Description string `json:"TagDescription"`
}

// UserTagValue is what a tag says of one member.
type UserTagValue struct {
	TagID     string    `json:"TagId"`
	TagName   string    `json:"TagName"`
	TagValues TagValues `json:"TagValue"`
}

// TagValues are the values that a tag has for a member. On the wire they are one
// text, with commas between.
type TagValues []string

// MarshalJSON writes the text.
func (v TagValues) MarshalJSON() ([]byte, error) { return json.Marshal(strings.Join(v, ",")) }

// UnmarshalJSON reads the text. No text, and an empty one, are no values.
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

// DynamicTag is a tag whose values are read from a column of a table.
type DynamicTag struct {
	ConfigID         string `json:"ConfigId"`
	ConfigName       string `json:"ConfigName"`
	DataSourceID     string `json:"DsId"`
	TableName        string `json:"TableName"`
	ColumnName       string `json:"ColumnName"` // holds the values
	OrganizationID   string `json:"OrganizationId"`
	RelatedAttribute int    `json:"RelatedAttribute"` // a number whose meaning is not documented
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

// ClearDynamicTagCache drops the values that the service remembers of one
// dynamic tag, so that they are read from the table again.
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
// Expect [ErrUserTagNotInOrganization] for one that is gone already.
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

// QueryUserTagValueList returns the values that tags have for one member.
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
	// TagName is asked for even if it stays: 50 characters at most, of Chinese
	// characters, letters, digits and / \ | [ ] ( ).
	TagName     string  `url:"TagName" quickbi:"required,max=50"`
	Description *string `url:"TagDescription,omitempty" quickbi:"max=255"` // 255 characters at most; new("") takes it away
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
	// TagValues replace what the tag said of the member: 3000 characters at most
	// in all, with a comma between two. UserTagCleared alone leaves none.
	TagValues []string `url:"TagValue,comma" quickbi:"required"`
}

func (in *UpdateUserTagValueRequest) check(problem func(parameter, text string)) {
	const most = 3000
	if n := utf8.RuneCountInString(strings.Join(in.TagValues, ",")); n > most {
		problem("TagValue", fmt.Sprintf("has %d characters, more than %d", n, most))
	}
}

// UpdateUserTagValue sets what a tag says of one member.
//
// Expect [ErrUserNotInOrganization] and [ErrUserTagNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateusertagvalue
func (c *Client) UpdateUserTagValue(ctx context.Context, in *UpdateUserTagValueRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateUserTagValue"), in, opts)
}
