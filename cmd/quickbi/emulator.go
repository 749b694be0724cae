package main

import (
	"errors"
	"flag"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi/internal/emulatorcmd"
)

func (a *app) emulatorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "emulator",
		Short: "Serve an emulated Quick BI in memory, for programs in any language",
		Example: lines(
			"quickbi emulator -h",
			"quickbi emulator -version",
		),
		DisableFlagParsing: true, // it has flags of its own, those of quickbi-emulator
		RunE: func(cmd *cobra.Command, args []string) error {
			err := emulatorcmd.Run(cmd.Context(), "quickbi emulator", withoutLanguage(args), a.out, a.translated(a.err))
			switch {
			case errors.Is(err, flag.ErrHelp):
				return nil
			case errors.Is(err, emulatorcmd.ErrUsage):
				return &exit{code: exitFailure} // what is wrong has been written
			}
			return err
		},
	}
}

// withoutLanguage takes out -lang, which languageOf has read.
func withoutLanguage(args []string) []string {
	var rest []string
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if name == "lang" && strings.HasPrefix(args[i], "-") {
			if !joined {
				i++
			}
			continue
		}
		rest = append(rest, args[i])
	}
	return rest
}
