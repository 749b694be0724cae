package main

import (
	"errors"
	"flag"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi/internal/emulatorcmd"
)

func (a *app) emulatorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "emulator [flags]",
		Short: "Serve a Quick BI in memory, for programs in any language",
		Example: lines(
			"quickbi emulator -h",
			"quickbi emulator -version",
		),
		DisableFlagParsing: true, // it has flags of its own, those of quickbi-emulator
		RunE: func(cmd *cobra.Command, args []string) error {
			err := emulatorcmd.Run(cmd.Context(), "quickbi emulator", args, a.out, a.err)
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
