package rabbittest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// image is the RabbitMQ that Docker runs: the newest of version 4 when it is pulled.
const image = "rabbitmq:4-management"

// A launcher runs a node's programs: on this machine, or in a container.
type launcher interface {
	// prepare installs what the node needs, which may take minutes.
	prepare() error
	// server returns the command that runs the node in the foreground. Killing it ends the node.
	server(n *Node) *exec.Cmd
	// control returns a rabbitmqctl command that talks to the node.
	control(ctx context.Context, n *Node, args ...string) *exec.Cmd
	// portMapper returns the command that runs epmd for the nodes of this process in the foreground,
	// or nil if each node has its own.
	portMapper(e *epmd) *exec.Cmd
	// kill ends the node at once, without a clean shutdown.
	kill(n *Node, p *process) error
	// String returns where RabbitMQ comes from.
	String() string
}

var errNoRabbitMQ = errors.New("neither rabbitmq-server nor a Docker that answers is on this machine")

// findLauncher returns that of the suite that the environment asks for. Otherwise it prefers an
// installed server to Docker.
func findLauncher() (launcher, error) {
	if suite := os.Getenv(EnvSuite); suite != "" {
		return newDebian(suite)
	}
	if folder := installedFolder(); folder != "" {
		return installed{folder}, nil
	}
	if dockerAnswers() {
		return docker{}, nil
	}
	return nil, errNoRabbitMQ
}

// installedFolder returns the folder of RabbitMQ's own scripts. Debian's /usr/sbin/rabbitmq-server
// is a wrapper that changes the user, so the folder behind it comes first.
func installedFolder() string {
	found, _ := filepath.Glob("/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("rabbitmq-server"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	return ""
}

func dockerAnswers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Version}}").Run() == nil
}

// installed is RabbitMQ from a package of this machine.
type installed struct {
	folder string
}

func (installed) prepare() error { return nil }

func (i installed) server(n *Node) *exec.Cmd {
	cmd := exec.Command(filepath.Join(i.folder, "rabbitmq-server"))
	cmd.Env = append(os.Environ(), n.environment()...)
	return cmd
}

func (i installed) control(ctx context.Context, n *Node, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(i.folder, "rabbitmqctl"), args...)
	cmd.Env = append(os.Environ(), n.environment()...)
	return cmd
}

func (installed) portMapper(e *epmd) *exec.Cmd {
	cmd := exec.Command("epmd", "-port", strconv.Itoa(e.port))
	cmd.Env = append(os.Environ(), e.environment()...)
	return cmd
}

func (installed) kill(_ *Node, p *process) error { return p.kill() }

func (i installed) String() string { return i.folder }

// docker is RabbitMQ from a container that shares this machine's network.
type docker struct{}

func (docker) prepare() error {
	if exec.Command("docker", "image", "inspect", image).Run() == nil {
		return nil
	}
	if out, err := exec.Command("docker", "pull", image).CombinedOutput(); err != nil {
		return fmt.Errorf("docker pull %s: %w\n%s", image, err, out)
	}
	return nil
}

// server ties the container's life to its standard input: the shell ends the node when the client
// at the other end is gone, for any reason.
func (docker) server(n *Node) *exec.Cmd {
	args := []string{"run", "--rm", "-i", "--network", "host", "--name", n.name, "-v", n.folder + ":" + n.folder}
	for _, v := range n.environment() {
		args = append(args, "-e", v)
	}
	args = append(args, image, "sh", "-c", "rabbitmq-server & cat; kill -9 $!")
	return exec.Command("docker", args...)
}

func (docker) control(ctx context.Context, n *Node, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "docker", append([]string{"exec", n.name, "rabbitmqctl"}, args...)...)
}

func (docker) portMapper(*epmd) *exec.Cmd { return nil }

// kill waits for the client, which ends when the container has been removed and its name is free
// again.
func (docker) kill(n *Node, p *process) error {
	if out, err := exec.Command("docker", "kill", n.name).CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("docker kill: %w\n%s", err, out), p.kill())
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(waitLimit):
		return p.kill()
	}
}

func (docker) String() string { return "Docker image " + image }
