package dev.batuta.cli;

import dev.batuta.cli.up.NodeProcess;
import dev.batuta.node.ClusterFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One worker as this process. */
@Command(
    name = "worker",
    description =
        "Runs one worker until it is told to stop; joins the cluster of DATA/cluster.json.")
public final class WorkerCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--name",
      paramLabel = "W",
      description = "Such as W9; else BATUTA_NODE_NAME, else the name of this machine")
  @Nullable String given;

  @Option(names = "--home", paramLabel = "SERVER", description = "Its master, such as server-1")
  @Nullable String home;

  @Option(names = "--credits", paramLabel = "N", description = "Tasks that it takes at once")
  @Nullable Integer credits;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting, as of `node`")
  Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--conf", paramLabel = "DIR", description = "YAML files laid over conf/")
  @Nullable Path conf;

  @Override
  public Integer call() throws Exception {
    var target = ((Main) spec.root().userObject()).target;
    var data = target.data();
    var file = target.clusterFile();
    var name = NodeName.of(given, System.getenv());
    var flags = NodeCommand.flags(name, data, file);
    flags.put("node.roles", "worker");
    var master = home == null ? file.flatMap(f -> homeOf(name, f)) : Optional.of(home);
    master.ifPresent(server -> flags.put("worker.home", server));
    if (credits != null) {
      flags.put("worker.credits", Integer.toString(credits));
    }
    flags.putAll(settings);
    return NodeProcess.run(
        spec.commandLine(), name, data, conf, file.map(ClusterFile::profile).orElse(""), flags);
  }

  /** The home that `up` gave it; another worker's is any server, by its name, always the same. */
  public static Optional<String> homeOf(String name, ClusterFile file) {
    var servers = file.servers();
    return file.workers().stream()
        .filter(worker -> worker.name().equals(name))
        .map(ClusterFile.Worker::home)
        .findFirst()
        .or(
            () ->
                servers.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                        servers.get(Math.floorMod(name.hashCode(), servers.size())).name()));
  }
}
