package quickbitest

import (
	"iter"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A table holds things by id and lists them in the order they came. Adding,
// finding and removing take constant time on average. The zero value is empty.
type table[T any] struct {
	byID  map[string]*row[T]
	order []*row[T] // nil where something was removed
}

type row[T any] struct {
	value T
	at    int // place in order
}

func (t *table[T]) len() int { return len(t.byID) }

func (t *table[T]) has(id string) bool {
	_, ok := t.byID[id]
	return ok
}

func (t *table[T]) get(id string) (T, bool) {
	if r, ok := t.byID[id]; ok {
		return r.value, true
	}
	var none T
	return none, false
}

// find returns the value, or the refusal with the code. kind is what the table holds,
// in words.
func (t *table[T]) find(id, code, kind string) (T, error) {
	v, ok := t.get(id)
	if !ok {
		return v, gateway.Refuse(code, "There is no %s %q.", kind, id)
	}
	return v, nil
}

// put adds the value at the end. If the id is taken it does nothing.
func (t *table[T]) put(id string, value T) {
	if t.has(id) {
		return
	}
	if t.byID == nil {
		t.byID = make(map[string]*row[T])
	}
	r := &row[T]{value: value, at: len(t.order)}
	t.byID[id] = r
	t.order = append(t.order, r)
}

// remove takes the value out. If there is none it does nothing.
func (t *table[T]) remove(id string) {
	r, ok := t.byID[id]
	if !ok {
		return
	}
	delete(t.byID, id)
	t.order[r.at] = nil
	if len(t.order) > 2*len(t.byID)+16 { // more holes than rows: close up
		t.compact()
	}
}

func (t *table[T]) compact() {
	kept := make([]*row[T], 0, len(t.byID))
	for _, r := range t.order {
		if r != nil {
			r.at = len(kept)
			kept = append(kept, r)
		}
	}
	t.order = kept
}

// all lists the values. The table must not be changed meanwhile.
func (t *table[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, r := range t.order {
			if r != nil && !yield(r.value) {
				return
			}
		}
	}
}

// An index keeps a table for each key. A key without rows takes no memory.
type index[K comparable, T any] map[K]*table[T]

func (x *index[K, T]) put(key K, id string, value T) {
	if *x == nil {
		*x = make(index[K, T])
	}
	if (*x)[key] == nil {
		(*x)[key] = new(table[T])
	}
	(*x)[key].put(id, value)
}

func (x index[K, T]) remove(key K, id string) {
	t := x[key]
	if t == nil {
		return
	}
	if t.remove(id); t.len() == 0 {
		delete(x, key)
	}
}

func (x index[K, T]) get(key K, id string) (T, bool) { return x.of(key).get(id) }

// all lists what the key has. The index must not be changed meanwhile.
func (x index[K, T]) all(key K) iter.Seq[T] { return x.of(key).all() }

// of returns the table of the key, an empty one if there is none.
func (x index[K, T]) of(key K) *table[T] {
	if t := x[key]; t != nil {
		return t
	}
	return new(table[T])
}

// mentions finds, by member, the fields that name the member as owner, creator or
// modifier of something in a workspace.
type mentions map[*member]map[**member]*workspace

// set makes the field, which belongs to something in the workspace, name the member.
func (x *mentions) set(field **member, ws *workspace, m *member) {
	if *x == nil {
		*x = make(mentions)
	}
	all := *x
	if *field != nil {
		if delete(all[*field], field); len(all[*field]) == 0 {
			delete(all, *field)
		}
	}
	if all[m] == nil {
		all[m] = make(map[**member]*workspace)
	}
	*field, all[m][field] = m, ws
}

// replace replaces the member in all fields by the result of heir. Fields for which
// that is nil stay.
func (x *mentions) replace(m *member, heir func(*workspace) *member) {
	for field, ws := range (*x)[m] {
		if h := heir(ws); h != nil && h != m {
			x.set(field, ws, h)
		}
	}
}
