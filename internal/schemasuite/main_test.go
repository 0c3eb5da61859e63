package schemasuite

import (
	"os"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

func TestMain(m *testing.M) { os.Exit(rabbittest.Main(m).Run()) }
