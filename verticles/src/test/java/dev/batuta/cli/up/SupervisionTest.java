package dev.batuta.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.batuta.cli.NodeCommand;
import dev.batuta.cli.WorkerCommand;
import dev.batuta.cli.client.Problem;
import dev.batuta.database.OwnSession;
import dev.batuta.node.ClusterFile;
import dev.batuta.node.NodeSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code up} rests on: waits, records of processes, ports, the plan, and starting again. */
final class SupervisionTest {
  @TempDir Path data = Path.of(".");

  @Test
  void theWaitDoublesFromOneSecondToThirtyAndBeginsAnewAfterAGoodLife() {
    var backoff = new RestartBackoff();
    var soon = Duration.ofSeconds(2);
    assertThat(List.of(1, 2, 4, 8, 16, 30, 30))
        .allSatisfy(
            seconds -> assertThat(backoff.died(soon)).isEqualTo(Duration.ofSeconds(seconds)));
    assertThat(backoff.died(RestartBackoff.WELL)).isEqualTo(RestartBackoff.FIRST);
    assertThat(backoff.died(soon)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void aMarkNamesOneProcessAndNoLaterOneOfItsNumber() throws Exception {
    var process = new ProcessBuilder("sleep", "60").start();
    var mark = ProcessMark.of(process.toHandle()).orElseThrow();
    try {
      assertThat(mark.living()).isPresent();
      assertThat(new ProcessMark(mark.pid(), mark.start() + "0").living()).isEmpty();
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(mark.living()).isEmpty();
    assertThat(ProcessMark.own().living()).isPresent();
  }

  @Test
  void aNameThatAnotherLivingProcessHasIsRefused() throws Exception {
    var folder = new RunFolder(data);
    var process = new ProcessBuilder("sleep", "60").start();
    try {
      var mark = ProcessMark.of(process.toHandle()).orElseThrow();
      folder.record(new RunFolder.Entry("server-1", mark, true));
      assertThat(folder.take("server-1", false)).isEmpty();
      assertThat(folder.leftovers()).extracting(RunFolder.Entry::mark).containsExactly(mark);
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(folder.leftovers()).isEmpty();
    try (var held = folder.take("server-1", false).orElseThrow()) {
      assertThat(held.lock().isValid()).isTrue();
      assertThat(folder.take("server-1", false)).isEmpty();
      assertThat(folder.living("server-1").orElseThrow().mark()).isEqualTo(ProcessMark.own());
      assertThat(folder.leftovers()).isEmpty();
    }
  }

  @Test
  void leftoversAreEndedAndForgottenWhileOtherProcessesLiveOn() throws Exception {
    var folder = new RunFolder(data);
    var left = new ProcessBuilder("sleep", "60").start();
    var other = new ProcessBuilder("sleep", "60").start();
    try {
      folder.record(entry("server-1", left, true));
      folder.record(entry("W9", other, false));
      assertThat(Leftovers.end(folder, sentence -> {})).isEqualTo(1);
      assertThat(left.waitFor(5, TimeUnit.SECONDS)).isTrue();
      assertThat(other.isAlive()).isTrue();
    } finally {
      left.destroyForcibly();
      other.destroyForcibly();
    }
  }

  private static RunFolder.Entry entry(String name, Process process, boolean supervised) {
    return new RunFolder.Entry(name, ProcessMark.of(process.toHandle()).orElseThrow(), supervised);
  }

  @Test
  void whatDiesIsStartedAgainUntilAllAreStopped() throws Exception {
    var reports = new CopyOnWriteArrayList<String>();
    var pids = new CopyOnWriteArrayList<Long>();
    var supervisor =
        new Supervisor(new RunFolder(data), true, reports::add, (service, pid) -> pids.add(pid));
    long first = supervisor.start(new Command("W1", Path.of("none"), List.of("sleep", "60")));
    supervisor.allReady();
    ProcessHandle.of(first).orElseThrow().destroyForcibly();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> pids.stream().anyMatch(pid -> pid != 0 && pid != first));
    assertThat(reports.getFirst()).contains("W1 died").contains("again in 1 s");
    supervisor.stop();
    assertThat(pids).allSatisfy(pid -> assertThat(alive(pid)).isFalse());
    assertThat(new RunFolder(data).leftovers()).isEmpty();
  }

  @Test
  void whatDiesBeforeAllAreReadyIsTriedThreeTimesAndThenFailsTheWhole() throws Exception {
    var reports = new CopyOnWriteArrayList<String>();
    var printed = data.resolve("out");
    Files.writeString(printed, "no room left\n");
    var supervisor = new Supervisor(new RunFolder(data), true, reports::add, (s, pid) -> {});
    supervisor.start(new Command("server-1", printed, List.of("false")));
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> supervisor.fallen().isPresent());
    assertThat(supervisor.tries()).isEqualTo(Supervisor.FIRST_TRIES);
    assertThat(reports)
        .filteredOn(report -> report.contains("ended while it was starting"))
        .hasSize(Supervisor.FIRST_TRIES - 1);
    assertThat(reports).filteredOn("  | no room left"::equals).hasSize(Supervisor.FIRST_TRIES - 1);
    supervisor.stop();
  }

  @Test
  void whatDiesBeforeAllAreReadyIsNotTriedAgainWithoutRestarts() throws Exception {
    var supervisor = new Supervisor(new RunFolder(data), false, report -> {}, (s, pid) -> {});
    supervisor.start(new Command("server-1", Path.of("none"), List.of("false")));
    Awaitility.await().until(() -> supervisor.fallen().isPresent());
    assertThat(supervisor.tries()).isEqualTo(1);
    supervisor.stop();
  }

  @Test
  void aStopWaitsForAStartUnderWayAndEndsWhatItStarted() throws Exception {
    var slow = new Slow(new CountDownLatch(1), new CountDownLatch(1), new CopyOnWriteArrayList<>());
    var reports = new CopyOnWriteArrayList<String>();
    var supervisor = new Supervisor(new RunFolder(data), true, reports::add, (s, pid) -> {});
    var start = Thread.ofVirtual().start(() -> startRefused(supervisor, slow));
    assertThat(slow.begun().await(10, TimeUnit.SECONDS)).isTrue();
    var stop = Thread.ofPlatform().start(supervisor::stop);
    Awaitility.await().until(() -> stop.getState() == Thread.State.TIMED_WAITING);
    slow.goOn().countDown();
    stop.join();
    start.join();
    assertThat(slow.started()).singleElement().matches(process -> !process.isAlive());
    assertThat(reports).isEmpty();
    assertThat(new RunFolder(data).leftovers()).isEmpty();
  }

  private static void startRefused(Supervisor supervisor, SupervisedProcess service) {
    assertThatThrownBy(() -> supervisor.start(service)).hasMessageContaining("stopped");
  }

  /** Blocks in its start until it may go on. */
  private record Slow(CountDownLatch begun, CountDownLatch goOn, List<ProcessHandle> started)
      implements SupervisedProcess {
    @Override
    public String name() {
      return "database";
    }

    @Override
    public Tier tier() {
      return Tier.DATABASE;
    }

    @Override
    public String described() {
      return "slow";
    }

    @Override
    public Path printed() {
      return Path.of("none");
    }

    @Override
    public ProcessHandle start() throws IOException {
      begun.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      var process = new ProcessBuilder("sleep", "60").start().toHandle();
      started.add(process);
      return process;
    }
  }

  @Test
  void whatDiesAfterNothingIsToBeStartedStaysDead() throws Exception {
    var reports = new CopyOnWriteArrayList<String>();
    var supervisor = new Supervisor(new RunFolder(data), true, reports::add, (s, pid) -> {});
    long pid = supervisor.start(new Command("W1", Path.of("none"), List.of("sleep", "60")));
    supervisor.allReady();
    supervisor.startNothing();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    Awaitility.await().until(() -> !alive(pid));
    supervisor.stop();
    assertThat(reports).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aSessionOfItsOwnKeepsThePidAndLeavesTheGroup() throws Exception {
    var process = new ProcessBuilder(OwnSession.of(List.of("sleep", "60"))).start();
    try {
      var stat = Path.of("/proc", Long.toString(process.pid()), "stat");
      Awaitility.await().until(() -> Files.readString(stat).contains("(sleep)"));
      var fields = Files.readString(stat).split(" ", -1);
      assertThat(List.of(fields[4], fields[5])) // its group, its session
          .containsOnly(Long.toString(process.pid()));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static boolean alive(long pid) {
    return pid != 0 && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private record Command(String name, Path printed, List<String> words)
      implements SupervisedProcess {
    @Override
    public Tier tier() {
      return Tier.WORKER;
    }

    @Override
    public String described() {
      return String.join(" ", words);
    }

    @Override
    public ProcessHandle start() throws IOException {
      return new ProcessBuilder(words).start().toHandle();
    }
  }

  private static final NodeSettings DEMO = NodeSettings.load("demo", null, Map.of(), Map.of());

  @Test
  void aTakenPortIsNamedWithItsHolderAndARemedy() throws IOException {
    try (var socket = new ServerSocket(new Ports().any(0), 1, InetAddress.getLoopbackAddress())) {
      int port = socket.getLocalPort();
      var problem =
          catchThrowableOfType(
              Problem.class,
              () -> ClusterPlan.of(data, 1, 1, port, DEMO, new Ports(), Optional.empty()));
      assertThat(problem)
          .hasMessageContaining("port " + port + " is taken")
          .hasMessageContaining("--http-port");
      if (Ports.holder(port).isPresent()) { // where /proc tells
        assertThat(problem).hasMessageContaining("pid " + ProcessHandle.current().pid());
      }
    }
  }

  @Test
  void workersGoRoundTheServersAndFreePortsAreThoseOfTheLastTime() {
    var plan = ClusterPlan.of(data, 3, 2, 0, DEMO, new Ports(), Optional.empty());
    assertThat(plan.servers())
        .extracting(ClusterFile.Server::name)
        .containsExactly("server-1", "server-2", "server-3");
    assertThat(plan.workers())
        .extracting(worker -> worker.name() + "@" + worker.home())
        .containsExactly(
            "W1@server-1",
            "W2@server-2",
            "W3@server-3",
            "W4@server-1",
            "W5@server-2",
            "W6@server-3");
    assertThat(plan.servers())
        .flatExtracting(s -> List.of(s.port("http"), s.clusterPort(), s.busPort()))
        .doesNotHaveDuplicates()
        .doesNotContain(0);
    var file =
        new ClusterFile(
            plan.cluster(),
            "demo",
            "",
            "",
            plan.servers(),
            plan.workers(),
            1,
            "2026-01-01T00:00:00Z");
    var again = ClusterPlan.of(data, 3, 2, 0, DEMO, new Ports(), Optional.of(file));
    assertThat(again).isEqualTo(plan);
    assertThat(ClusterPlan.name(data)).isNotEqualTo(ClusterPlan.name(data.resolve("other")));
  }

  @Test
  void aNodeJoinsTheClusterOfTheDataFolder() {
    var plan = ClusterPlan.of(data, 2, 1, 0, DEMO, new Ports(), Optional.empty());
    var file =
        new ClusterFile(
            plan.cluster(), "demo", "mysql://u:p@h:1/d", "", plan.servers(), plan.workers(), 1, "");
    var flags = NodeCommand.flags("server-2", data, Optional.of(file));
    assertThat(flags)
        .containsEntry("cluster.name", plan.cluster())
        .containsEntry("cluster.servers", "server-1,server-2")
        .containsEntry("database.url", "mysql://u:p@h:1/d")
        .containsEntry("http.port", Integer.toString(plan.servers().get(1).port("http")))
        .containsEntry("doors.bridge.port", Integer.toString(plan.servers().get(1).port("bridge")))
        .containsEntry("bus.port", Integer.toString(plan.servers().get(1).busPort()));
    assertThat(NodeCommand.flags("W9", data, Optional.of(file)))
        .containsEntry("http.port", "0")
        .containsEntry("doors.bridge.port", "0")
        .doesNotContainKey("bus.port");
    assertThat(WorkerCommand.homeOf("W2", file)).contains("server-2");
    assertThat(WorkerCommand.homeOf("W9", file)).isPresent();
  }
}
