package source

// MaxProblems is how many problems a Report holds. A contract of four megabytes can have a million.
const MaxProblems = 10_000

// A Report collects the problems of one run, the first MaxProblems as Problems.First has them. Its zero
// value is empty.
type Report struct {
	problems Problems
	added    int
}

// Add adds problems. What several places share is looked at more than once, so a problem may be added again.
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

// Added returns how many problems have been added, those that were added again included.
func (r *Report) Added() int { return r.added }

// Problems returns what has been added, sorted, none twice. MaxProblems of them mean that there may be more.
func (r *Report) Problems() Problems { return r.problems.First(MaxProblems) }
