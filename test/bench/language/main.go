// The reference of language.bench.ts: runs the same programs in starlark-go. Reads "FILE ROUNDS" a line, and answers each with
// the milliseconds of every round on one line and the result on the next.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
)

func main() {
	programs := map[string]starlark.Value{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		file, count, _ := strings.Cut(lines.Text(), " ")
		rounds, _ := strconv.Atoi(count)
		if programs[file] == nil {
			predeclared := starlark.StringDict{"struct": starlark.NewBuiltin("struct", starlarkstruct.Make)}
			globals, err := starlark.ExecFileOptions(&syntax.FileOptions{Set: true}, &starlark.Thread{}, file, nil, predeclared)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			programs[file] = globals["main"]
		}
		times := []string{}
		var result starlark.Value
		for range rounds {
			start := time.Now()
			var err error
			result, err = starlark.Call(&starlark.Thread{}, programs[file], nil, nil)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			times = append(times, fmt.Sprintf("%.3f", float64(time.Since(start).Microseconds())/1000))
		}
		fmt.Println(strings.Join(times, " "))
		fmt.Println(result)
	}
}
