package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// program is what the smallest program with a client amounts to.
type program struct {
	Client        string `json:"client"`
	StrippedBytes int64  `json:"strippedBytes"`
	// NextStrippedBytes is the size with the other supported release.
	NextStrippedBytes int64   `json:"nextStrippedBytes"`
	Modules           int     `json:"modules"`          // others whose code is in it
	ColdBuildSeconds  float64 `json:"coldBuildSeconds"` // with an empty build cache, so with the standard library
	BuildCPUSeconds   float64 `json:"coldBuildCPUSeconds"`
	StartMillis       float64 `json:"startMilliseconds"` // from starting it to its end, with a client made and no call
}

// nextRelease is the other release of Go that is supported.
const nextRelease = "go1.27.4"

// minimalProgram is the smallest program with a client.
type minimalProgram struct{ client, dir string }

var minimalPrograms = []minimalProgram{
	{"floor", "floor"},
	{"quickbi", "quickbi"},
	{"quickbi, WithDefaultCredentials", "defaultchain"},
	{"legacy SDK", "legacy"},
	{"current core", "core"},
}

// measurePrograms builds the programs and starts them by turns. Without a build
// cache, each gets one of its own.
func measurePrograms(ctx context.Context, minimal []minimalProgram, cache string, progress func(string)) ([]program, error) {
	dir, err := os.MkdirTemp("", "quickbi-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	list := make([]program, len(minimal))
	binaries := make([]string, len(minimal))
	for i, p := range minimal {
		progress("building the smallest program: " + p.client)
		pkg := "github.com/quickbi-go/quickbi/interop/bench/minimal/" + p.dir
		binaries[i] = filepath.Join(dir, fmt.Sprint("program", i))
		programCache := cache
		if programCache == "" {
			programCache = filepath.Join(dir, fmt.Sprint("cache", i))
		}
		started := time.Now()
		cpu, err := build(ctx, pkg, binaries[i], programCache, "local")
		if err != nil {
			return nil, err
		}
		list[i] = program{Client: p.client, ColdBuildSeconds: time.Since(started).Seconds(), BuildCPUSeconds: cpu.Seconds()}
		if list[i].StrippedBytes, err = size(binaries[i]); err != nil {
			return nil, err
		}
		next := binaries[i] + "-next"
		if _, err := build(ctx, pkg, next, cache, nextRelease); err != nil {
			return nil, err
		}
		if list[i].NextStrippedBytes, err = size(next); err != nil {
			return nil, err
		}
		info, err := buildinfo.ReadFile(binaries[i])
		if err != nil {
			return nil, err
		}
		list[i].Modules = len(info.Deps)
	}
	const starts = 41
	times := make([][]float64, len(list))
	for range starts {
		for i := range list {
			started := time.Now()
			if err := exec.CommandContext(ctx, binaries[i]).Run(); err != nil {
				return nil, fmt.Errorf("starting the program with %s: %w", list[i].Client, err)
			}
			times[i] = append(times[i], float64(time.Since(started))/float64(time.Millisecond))
		}
	}
	for i := range list {
		list[i].StartMillis = quantile(times[i], 0.5)
	}
	return list, nil
}

func size(file string) (int64, error) {
	stat, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return stat.Size(), nil
}

// build makes a stripped binary, and tells how much CPU time that took. Without a
// cache, it uses the one that is there.
func build(ctx context.Context, pkg, binary, cache, toolchain string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", binary, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOTOOLCHAIN="+toolchain)
	if cache != "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+cache)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("building %s: %w\n%s", pkg, err, &stderr)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
