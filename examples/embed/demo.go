package main

import (
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// demo starts an emulator with an organization of a few works.
func demo() (*quickbitest.Server, error) {
	server := quickbitest.NewServer()
	err := server.Seed(quickbitest.Organization{
		Users: []quickbitest.User{{UserID: "ann", NickName: "Ann"}, {UserID: "ben", NickName: "Ben"}},
		Workspaces: []quickbitest.Workspace{
			{WorkspaceID: "sales", WorkspaceName: "Sales", DefaultShareToAll: true, Users: []quickbitest.WorkspaceUser{{UserID: "ann"}, {UserID: "ben"}}},
			{WorkspaceID: "board", WorkspaceName: "Board", DefaultShareToAll: true, Users: []quickbitest.WorkspaceUser{{UserID: "ann"}}},
		},
		Works: []quickbitest.Works{
			{WorksID: "revenue", WorksName: "Revenue by region", WorksType: "PAGE", WorkspaceID: "sales", Status: 1, ThirdPartAuthFlag: true},
			{WorksID: "prices", WorksName: "Price list", WorksType: "REPORT", WorkspaceID: "sales", Status: 1, ThirdPartAuthFlag: true},
			{WorksID: "wall", WorksName: "Sales today", WorksType: "SCREEN", WorkspaceID: "sales", Status: 1, ThirdPartAuthFlag: true},
			{WorksID: "orders", WorksName: "Orders to take away", WorksType: "dashboardOfflineQuery", WorkspaceID: "sales", ThirdPartAuthFlag: true},
			{WorksID: "returns", WorksName: "Why things come back", WorksType: "ANALYSIS", WorkspaceID: "sales", ThirdPartAuthFlag: true},
			{WorksID: "plans", WorksName: "Plans, not open for embedding", WorksType: "PAGE", WorkspaceID: "sales", Status: 1},
			{WorksID: "draft", WorksName: "Draft, not published", WorksType: "PAGE", WorkspaceID: "sales", Status: 3, ThirdPartAuthFlag: true},
			{WorksID: "salaries", WorksName: "Salaries", WorksType: "PAGE", WorkspaceID: "board", Status: 1, ThirdPartAuthFlag: true},
		},
	})
	if err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}

// chooser is a demonstration of a sign-in: everybody can be any member.
type chooser struct {
	site     *site
	mu       sync.Mutex
	sessions map[string]session // by what the cookie holds
}

type session struct {
	user quickbi.User
	ends time.Time
}

const (
	cookie         = "session"
	sessionLife    = 8 * time.Hour
	sessionsAtMost = 1000
)

func (c *chooser) register(handle func(string, page)) {
	handle("GET /signin", c.choose)
	handle("POST /signin", c.enter)
	handle("POST /signout", c.leave)
}

func (c *chooser) ask(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

func (c *chooser) member(r *http.Request) (quickbi.User, error) {
	held, err := r.Cookie(cookie)
	if err != nil {
		return quickbi.User{}, errNobody
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.sessions[held.Value]
	if !ok || !time.Now().Before(s.ends) {
		return quickbi.User{}, errNobody
	}
	return s.user, nil
}

// choose offers the first members there are.
func (c *chooser) choose(w http.ResponseWriter, r *http.Request) error {
	members, err := c.site.embedder.Client.QueryUserList(r.Context(), &quickbi.QueryUserListRequest{PageSize: 100})
	if err != nil {
		return err
	}
	return c.site.render(w, r, "signin", quickbi.User{}, members.Result.Data)
}

func (c *chooser) enter(w http.ResponseWriter, r *http.Request) error {
	user, err := c.site.embedder.Client.QueryUserInfoByUserId(r.Context(), &quickbi.QueryUserInfoByUserIdRequest{UserID: r.PostFormValue("user")})
	if err != nil {
		return err
	}
	id := rand.Text()
	c.add(id, session{user.Result, time.Now().Add(sessionLife)})
	c.setCookie(w, r, id, sessionLife)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// add keeps a session, and lets go of those that have ended and of the oldest
// beyond the bound.
func (c *chooser) add(id string, s session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sessions == nil {
		c.sessions = make(map[string]session)
	}
	if len(c.sessions) >= sessionsAtMost {
		maps.DeleteFunc(c.sessions, func(_ string, old session) bool { return !time.Now().Before(old.ends) })
	}
	if len(c.sessions) >= sessionsAtMost {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(c.sessions)), func(a, b string) int {
			return c.sessions[a].ends.Compare(c.sessions[b].ends)
		})
		delete(c.sessions, oldest)
	}
	c.sessions[id] = s
}

func (c *chooser) leave(w http.ResponseWriter, r *http.Request) error {
	if held, err := r.Cookie(cookie); err == nil {
		c.mu.Lock()
		delete(c.sessions, held.Value)
		c.mu.Unlock()
	}
	c.setCookie(w, r, "", -time.Second)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

func (c *chooser) setCookie(w http.ResponseWriter, r *http.Request, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.site.secure(r),
	})
}
