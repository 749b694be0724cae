package quickbitest

import (
	"fmt"
	"time"
)

// seedServices seeds what there is besides users, works and data: questions,
// embedding, mails, applications, accounts elsewhere, and the log.
func (o *organization) seedServices(s Organization, now time.Time) error {
	if s.Lacks != (Lacks{}) {
		o.lacks = s.Lacks
	}
	for _, seed := range []func() error{
		func() error {
			return seedEach("address", s.LoginIPs, func(a string) string { return a }, o.seedLoginIP)
		},
		func() error {
			return seedEach("question resource", s.LLMCubes, func(v LLMCube) string { return v.Alias }, o.seedLLMCube)
		},
		func() error {
			return seedEach("analysis theme", s.LLMThemes, func(v LLMTheme) string { return v.Name }, o.seedLLMTheme)
		},
		func() error {
			return seedEach("grant", s.SmartQGrants, func(v SmartQGrant) string { return v.UserID }, o.seedSmartQGrant)
		},
		func() error {
			return seedEach("answer", s.SmartQAnswers, func(v SmartQAnswer) string { return v.UserQuestion }, o.seedSmartQAnswer)
		},
		func() error {
			return seedEach("dashboard", s.AskedDashboards, func(id string) string { return id }, o.seedAskedDashboard)
		},
		func() error {
			return seedEach("embedded Smart Q", s.CopilotEmbeds, func(v CopilotEmbed) string { return v.ShowName }, o.seedCopilotEmbed)
		},
		func() error {
			return seedEach("ticket", s.Tickets, func(v Ticket) string { return v.AccessTicket }, func(v Ticket) error { return o.seedTicket(v, now) })
		},
		func() error {
			return seedEach("mail task", s.MailTasks, func(v MailTask) string { return v.SubscribeName }, func(v MailTask) error { return o.seedMailTask(v, now) })
		},
		func() error {
			return seedEach("application", s.Applications, func(v Application) string { return v.ApplicationID }, func(v Application) error { return o.seedApplication(v, now) })
		},
		func() error {
			return seedEach("mobile account", s.MobileAccounts, func(v MobileAccount) string { return v.MobileUserID }, o.seedMobileAccount)
		},
		func() error {
			return seedEach("audit entry", s.AuditLog, func(v AuditEntry) string { return v.TargetName }, func(v AuditEntry) error { return o.seedAuditEntry(v, now) })
		},
	} {
		if err := seed(); err != nil {
			return err
		}
	}
	return nil
}

func (o *organization) seedAskedDashboard(id string) error {
	w, ok := o.works.get(id)
	if !ok || w.kind.name != "PAGE" {
		return fmt.Errorf("there is no dashboard %q", id)
	}
	o.smartQ.asked.put(w.workspace.id, w.ID, w)
	return nil
}
