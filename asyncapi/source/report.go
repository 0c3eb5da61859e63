package source

// MaxProblems is how many problems a Report keeps. A contract of four megabytes can have a million.
const MaxProblems = 10_000

// A Report collects the problems of one run and keeps the MaxProblems most important ones, as
// Problems.First does. Its zero value is empty.
type Report struct {
	problems Problems
	added    int
}

// Add adds problems. The same problem may be added again, because values that several others refer
// to are checked more than once.
func (r *Report) Add(problems ...Problem) {
	r.added += len(problems)
	for i := range problems {
		problems[i].Message, problems[i].Hint = shown(problems[i].Message), shown(problems[i].Hint)
	}
	r.problems = append(r.problems, problems...)
	if len(r.problems) >= 2*MaxProblems {
		r.problems = r.Problems()
	}
}

// Added returns how many problems have been added, including duplicates.
func (r *Report) Added() int { return r.added }

// Problems returns the problems, sorted, without duplicates. If there are MaxProblems, there may
// have been more.
func (r *Report) Problems() Problems { return r.problems.First(MaxProblems) }
