package quickbi

import "slices"

// InChunks calls do with one part of list after the other, each of at most size
// elements. It is for operations that take a limited number at a time:
//
//	done, err := quickbi.InChunks(userIDs, 1000, func(chunk []string) error {
//		_, err := client.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: id, UserIDs: chunk})
//		return err
//	})
//
// It stops at the first error. done is the number of elements in the calls before it,
// so that list[done:] is the rest. A size below 1 counts as 1.
func InChunks[T any](list []T, size int, do func(chunk []T) error) (done int, err error) {
	for chunk := range slices.Chunk(list, max(size, 1)) {
		if err := do(chunk); err != nil {
			return done, err
		}
		done += len(chunk)
	}
	return done, nil
}
