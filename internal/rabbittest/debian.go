package rabbittest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// debian is the RabbitMQ of a suite of Debian other than the machine's own, in a folder of the
// user's cache. Its programs run in a chroot, with the network of this machine. That takes root.
type debian struct {
	suite string // trixie, forky
	root  string // the folder that is / to the programs
}

// ErrUnavailable is the error of a suite of Debian that this machine cannot get.
var ErrUnavailable = errors.New("cannot be had on this machine")

// newDebian returns the launcher of a suite.
func newDebian(suite string) (debian, error) {
	if strings.Trim(suite, "abcdefghijklmnopqrstuvwxyz") != "" {
		return debian{}, fmt.Errorf("%s=%s: wanted the name of a suite of Debian, such as trixie or forky", EnvSuite, suite)
	}
	if os.Getuid() != 0 {
		return debian{}, fmt.Errorf("RabbitMQ of Debian %s %w: a chroot takes root", suite, ErrUnavailable)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return debian{}, err
	}
	return debian{suite, filepath.Join(cache, "scampgen", "rabbitmq-"+suite)}, nil
}

// prepare makes the folder, which takes some minutes and 600 MB, once. Test binaries that come
// meanwhile wait for it.
func (d debian) prepare() error {
	if err := os.MkdirAll(filepath.Dir(d.root), 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(d.root+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if _, err = os.Stat(d.root); errors.Is(err, os.ErrNotExist) {
		err = d.bootstrap()
	}
	if err == nil {
		err = d.tryOut()
	}
	if err != nil {
		return fmt.Errorf("RabbitMQ of Debian %s %w: %w", d.suite, ErrUnavailable, err)
	}
	return nil
}

// tryOut runs nothing in the chroot: a machine may have the folder, and a root who must not mount.
func (d debian) tryOut() error {
	ctx, cancel := context.WithTimeout(context.Background(), controlLimit)
	defer cancel()
	if out, err := d.enter(ctx, "true").CombinedOutput(); err != nil {
		return fmt.Errorf("enter %s: %w\n%s", d.root, err, out)
	}
	return nil
}

// bootstrapLimit is how long fetching a suite may take: five times as long as usual.
const bootstrapLimit = 15 * time.Minute

// bootstrap makes the folder under another name, and renames it when it is complete.
func (d debian) bootstrap() error {
	if _, err := exec.LookPath("debootstrap"); err != nil {
		if err := aptGet("install", "-y", "--no-install-recommends", "debootstrap"); err != nil {
			return err
		}
	}
	mirror, err := debianMirror()
	if err != nil {
		return err
	}
	partial := d.root + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	// The script of sid fits all suites that are newer than the machine's debootstrap.
	ctx, cancel := context.WithTimeout(context.Background(), bootstrapLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "debootstrap", "--variant=minbase", "--include=rabbitmq-server", d.suite, partial, mirror, "sid")
	cmd.WaitDelay = controlLimit // the programs that it runs outlive it
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("debootstrap %s: %w\n%s", d.suite, err, out)
	}
	if err := os.WriteFile(filepath.Join(partial, "etc", "hosts"), []byte("127.0.0.1 localhost\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(partial, d.root)
}

// debianMirror returns where the machine itself gets its packages from.
func debianMirror() (string, error) {
	out, err := exec.Command("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages").Output()
	if err != nil {
		return "", fmt.Errorf("ask apt-get for its mirror: %w", err)
	}
	mirror, _, _ := strings.Cut(string(out), "\n")
	if mirror == "" {
		return "", errors.New("apt-get knows no mirror: run apt-get update")
	}
	return mirror, nil
}

// inside makes the folders of this machine that a node needs visible in the chroot. The mounts are
// in a namespace of their own, which ends with the program. $0 is the root, $1 the folder for
// temporary files.
const inside = `set -e
mkdir -p "$0$1"
mount --bind "$1" "$0$1"
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
root=$0
shift
exec chroot "$root" "$@"`

// enter returns a program in the chroot. It keeps its process id on all ways, so that killing it
// kills the program.
func (d debian) enter(ctx context.Context, name string, args ...string) *exec.Cmd {
	all := append([]string{"--mount", "sh", "-c", inside, d.root, os.TempDir(), name}, args...)
	return exec.CommandContext(ctx, "unshare", all...)
}

// command returns one that talks to nodes.
func (d debian) command(ctx context.Context, n *epmd, name string, args ...string) *exec.Cmd {
	cmd := d.enter(ctx, name, args...)
	cmd.Env = append(os.Environ(), n.environment()...)
	return cmd
}

// scripts returns the folder of RabbitMQ's own scripts, as seen in the chroot.
func (d debian) scripts() string {
	found, _ := filepath.Glob(filepath.Join(d.root, "usr/lib/rabbitmq/lib/*/sbin"))
	if len(found) == 0 {
		return "/usr/sbin"
	}
	return strings.TrimPrefix(found[len(found)-1], d.root)
}

func (d debian) server(n *Node) *exec.Cmd {
	cmd := d.command(context.Background(), n.epmd, filepath.Join(d.scripts(), "rabbitmq-server"))
	cmd.Env = append(cmd.Env, n.environment()...)
	return cmd
}

func (d debian) control(ctx context.Context, n *Node, args ...string) *exec.Cmd {
	cmd := d.command(ctx, n.epmd, filepath.Join(d.scripts(), "rabbitmqctl"), args...)
	cmd.Env = append(cmd.Env, n.environment()...)
	return cmd
}

func (d debian) portMapper(e *epmd) *exec.Cmd {
	return d.command(context.Background(), e, "epmd", "-port", strconv.Itoa(e.port))
}

func (debian) kill(_ *Node, p *process) error { return p.kill() }

func (d debian) String() string { return "Debian " + d.suite + " in " + d.root }
