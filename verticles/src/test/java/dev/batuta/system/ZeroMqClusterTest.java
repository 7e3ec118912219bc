package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.zeromq.PythonClients;
import dev.batuta.node.ClusterFile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ZeroMQ at two servers of one cluster, by clients in Python. */
class ZeroMqClusterTest {
  @Test
  void whatIsSaidAtOneServerByAnyDoorIsHeardAtTheOtherAndNoForeignServerLeads(@TempDir Path data)
      throws IOException, InterruptedException {
    Path python = PythonClients.interpreter();
    try (RealCluster cluster = RealCluster.up(data, "--servers", "2")) {
      assertThat(run(python, given(data))).isEmpty();
      assertThat(cluster.batuta("elect").exit()).isZero();
      JsonObject status =
          cluster.awaitStatus("a coordinator", seen -> seen.getString("coordinator") != null);
      assertThat(status.getString("coordinator")).isIn("server-1", "server-2");
    }
  }

  private static JsonObject given(Path data) throws IOException {
    ClusterFile file = ClusterFile.read(data).orElseThrow();
    JsonArray servers = new JsonArray();
    for (ClusterFile.Server server : file.servers()) {
      JsonObject ports = new JsonObject();
      server.ports().forEach(ports::put);
      servers.add(new JsonObject().put("url", server.url()).put("ports", ports));
    }
    return new JsonObject().put("servers", servers).put("token", file.adminToken());
  }

  /** What it says when it fails. */
  private static String run(Path python, JsonObject given)
      throws IOException, InterruptedException {
    Process clients =
        new ProcessBuilder(python.toString(), "src/test/python/zeromq_cluster.py", given.encode())
            .redirectErrorStream(true)
            .start();
    String said = new String(clients.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return clients.waitFor() == 0 ? said : said + "exit " + clients.exitValue();
  }
}
