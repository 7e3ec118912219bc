package dev.batuta.cli;

import dev.batuta.cli.up.NodeProcess;
import dev.batuta.gateway.http.HttpDoor;
import dev.batuta.node.ClusterFile;
import dev.batuta.node.DoorKeys;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One node as this process. */
@Command(
    name = "node",
    description = "Runs one node until it is told to stop; joins the cluster of DATA/cluster.json.")
public final class NodeCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--name",
      paramLabel = "N",
      description = "Such as server-2; else BATUTA_NODE_NAME, else the name of this machine")
  @Nullable String given;

  @Option(
      names = "--roles",
      paramLabel = "R",
      description = "Of server, worker, gateway, with commas between; all three when it is missing")
  @Nullable String roles;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting, such as clock.skew=5s; conf/application.yaml lists them")
  Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--conf", paramLabel = "DIR", description = "YAML files laid over conf/")
  @Nullable Path conf;

  @Override
  public Integer call() throws Exception {
    var target = ((Main) spec.root().userObject()).target;
    var data = target.data();
    var file = target.clusterFile();
    var name = NodeName.of(given, System.getenv());
    var flags = flags(name, data, file);
    if (roles != null) {
      flags.put("node.roles", roles);
    }
    flags.putAll(settings);
    return NodeProcess.run(
        spec.commandLine(), name, data, conf, file.map(ClusterFile::profile).orElse(""), flags);
  }

  /** The settings by which a node joins the cluster of a data folder. */
  public static Map<String, String> flags(String name, Path data, Optional<ClusterFile> file) {
    var flags = new LinkedHashMap<String, String>();
    flags.put("node.name", name);
    flags.put("data", data.toString());
    if (file.isEmpty()) {
      return flags;
    }
    var cluster = file.get();
    var servers = cluster.servers();
    flags.put("cluster.name", cluster.cluster());
    flags.put("cluster.servers", joined(servers.stream().map(ClusterFile.Server::name).toList()));
    flags.put(
        "cluster.members",
        joined(servers.stream().map(s -> "127.0.0.1:" + s.clusterPort()).toList()));
    flags.put("database.url", cluster.database());
    flags.put("database.password", ""); // it is in the URL
    flags.put("database.prepare", "false"); // `up` has done it
    var planned = servers.stream().filter(server -> server.name().equals(name)).findFirst();
    flags.put("http.port", planned.map(s -> Integer.toString(s.port(HttpDoor.PORT))).orElse("0"));
    for (var door : DoorKeys.all()) {
      var port = planned.map(server -> server.port(door.name())).orElse(0);
      flags.put(door.port().key(), Integer.toString(port));
    }
    if (planned.isPresent()) {
      flags.put("cluster.port", Integer.toString(planned.get().clusterPort()));
      flags.put("bus.port", Integer.toString(planned.get().busPort()));
    }
    return flags;
  }

  private static String joined(List<String> items) {
    return String.join(",", items);
  }
}
