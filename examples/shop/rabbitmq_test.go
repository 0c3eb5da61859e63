package shop_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// onRabbitMQ returns a world whose programs are processes.
func onRabbitMQ(t *testing.T) *world {
	t.Helper()
	host := rabbittest.New(t)
	w := &world{bank: newBank(t), waitMessages: host.WaitMessages}
	w.consumers = func(t testing.TB, queue string) int { return len(host.Consumers(t, queue)) }
	api := start(t, "api", "AMQP_URL="+host.URL)
	api.waitReady(t)
	w.shop = api.address(t, "LISTEN")
	w.startWorker = func(t *testing.T) {
		t.Helper()
		worker := start(t, "worker", "AMQP_URL="+host.URL, "BANK_URL="+w.URL)
		worker.waitReady(t)
		w.stopWorker = worker.stop
	}
	return w
}

// A program that is ready says so as long as the broker is there, and lives on without it.
func TestHealth(t *testing.T) {
	host := rabbittest.New(t)
	network := rabbittest.NewProxy(t, hostOf(t, host.URL))
	for _, name := range []string{"api", "worker"} {
		t.Run(name, func(t *testing.T) {
			network.Refuse(true) // the broker is not there yet
			p := start(t, name, "AMQP_URL="+network.URL(t, host.URL))
			probes := p.address(t, "PROBES")
			expect(t, probes+"/live", http.StatusOK)
			expect(t, probes+"/ready", http.StatusServiceUnavailable)
			network.Refuse(false)
			waitFor(t, "readiness", func() bool { return get(t, probes+"/ready") == http.StatusOK })
			for range 2 {
				network.Refuse(true)
				network.Reset()
				waitFor(t, "an end of readiness", func() bool { return get(t, probes+"/ready") != http.StatusOK })
				expect(t, probes+"/live", http.StatusOK)
				network.Refuse(false)
				waitFor(t, "readiness again", func() bool { return get(t, probes+"/ready") == http.StatusOK })
			}
			p.stop(t)
		})
	}
}

// A program that waits for the broker can be told to stop, too.
func TestStopWithoutBroker(t *testing.T) {
	for _, name := range []string{"api", "worker"} {
		p := start(t, name, "AMQP_URL=amqp://guest:guest@127.0.0.1:1/")
		expect(t, p.address(t, "PROBES")+"/ready", http.StatusServiceUnavailable)
		p.stop(t)
	}
}

// An order that is being published when the API is told to stop is answered with what the broker says.
func TestStopFinishesRequests(t *testing.T) {
	host := rabbittest.New(t)
	network := rabbittest.NewProxy(t, hostOf(t, host.URL))
	api := start(t, "api", "AMQP_URL="+network.URL(t, host.URL))
	api.waitReady(t)
	w := &world{shop: api.address(t, "LISTEN")}
	network.Mute() // confirms do not come
	answered := make(chan int, 1)
	go func() {
		defer close(answered) // also if there is no answer
		status, _ := w.post(t, `{"customer": "Ada", "cents": 1}`)
		answered <- status
	}()
	host.WaitMessages(t, "billing.orders", 1)
	if err := api.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "an end of new requests", func() bool {
		connection, err := net.Dial("tcp", strings.TrimPrefix(w.shop, "http://"))
		if err != nil {
			return true
		}
		connection.Close()
		return false
	})
	network.Thaw()
	if status := <-answered; status != http.StatusAccepted {
		t.Errorf("the order was answered with %d", status)
	}
	api.wait(t)
}

// A process runs one of the programs, with the race detector.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended and everything has been read of it
	err   error         // with which it has ended

	mu   sync.Mutex
	log  strings.Builder
	more chan struct{} // closed when there is more in log
}

// start runs a program until the end of the test.
func start(t *testing.T, name string, environment ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(build(t, name)), ended: make(chan struct{}), more: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "LISTEN="+addresses["LISTEN"], "PROBES="+addresses["PROBES"], "OTEL_TRACES_EXPORTER=none")
	p.cmd.Env = append(p.cmd.Env, environment...)
	output, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(output)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // unless it has ended
		<-p.ended
		if t.Failed() {
			t.Logf("%s wrote:\n%s", name, p.text())
		}
	})
	return p
}

func (p *process) read(output io.Reader) {
	for lines := bufio.NewScanner(output); lines.Scan(); {
		p.mu.Lock()
		fmt.Fprintln(&p.log, lines.Text())
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
	}
	p.err = p.cmd.Wait()
	close(p.ended)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// addresses are where a process is to listen, by the variables that say so. The ports are free ones.
var addresses = map[string]string{"LISTEN": "127.0.0.1:0", "PROBES": "localhost:0"}

// address waits until the process says where it listens.
func (p *process) address(t *testing.T, variable string) string {
	t.Helper()
	says := regexp.MustCompile(`listening for=` + addresses[variable] + ` at=(\S+)`)
	for {
		p.mu.Lock()
		more, found := p.more, says.FindStringSubmatch(p.log.String())
		p.mu.Unlock()
		if found != nil {
			return "http://" + found[1]
		}
		select {
		case <-more:
		case <-p.ended:
			t.Fatalf("it has ended: %v", p.err)
		}
	}
}

// waitReady waits until the process can do its work. Two programs that declare the same quorum queue
// at the same time can make RabbitMQ 3.10 close their connections.
func (p *process) waitReady(t *testing.T) {
	t.Helper()
	probes := p.address(t, "PROBES")
	waitFor(t, "readiness", func() bool { return get(t, probes+"/ready") == http.StatusOK })
}

// stop tells the process to stop and waits until it has.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	p.wait(t)
}

func (p *process) wait(t *testing.T) {
	t.Helper()
	if <-p.ended; p.err != nil {
		t.Errorf("it ended with %v", p.err)
	}
}

var builds struct {
	sync.Mutex
	folder string
}

// build returns the binary of a program.
func build(t *testing.T, name string) string {
	t.Helper()
	builds.Lock()
	defer builds.Unlock()
	if builds.folder == "" {
		folder, err := os.MkdirTemp("", "shop-")
		if err != nil {
			t.Fatal(err)
		}
		builds.folder = folder
		if out, err := exec.Command("go", "build", "-race", "-o", folder, "./api", "./worker").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return filepath.Join(builds.folder, name)
}

// get returns the status of a page.
func get(t *testing.T, page string) int {
	t.Helper()
	answer, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func expect(t *testing.T, page string, status int) {
	t.Helper()
	if got := get(t, page); got != status {
		t.Errorf("%s: %d, want %d", page, got, status)
	}
}

// hostOf returns the host and port of a broker.
func hostOf(t *testing.T, broker string) string {
	t.Helper()
	address, err := url.Parse(broker)
	if err != nil {
		t.Fatal(err)
	}
	return address.Host
}
