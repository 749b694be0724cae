package quickbi

import "slices"

// InChunks calls do with at most size elements of list after the other, for
// operations that take a limited number at a time:
//
//	done, err := quickbi.InChunks(userIDs, 1000, func(chunk []string) error {
//		_, err := client.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: id, UserIDs: chunk})
//		return err
//	})
//
// It stops at the first error and returns how many elements do was called for
// without one: list[done:] is what is left. A size below 1 is 1.
func InChunks[T any](list []T, size int, do func(chunk []T) error) (done int, err error) {
	for chunk := range slices.Chunk(list, max(size, 1)) {
		if err := do(chunk); err != nil {
			return done, err
		}
		done += len(chunk)
	}
	return done, nil
}
