package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.TokenStore;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Asks for a password and keeps the token for it. */
@Command(
    name = "login",
    description =
        "Asks for the password and stores the token, for this user of this computer only.")
final class LoginCommand extends ClientCommand {
  @Option(names = "--user", paramLabel = "U", description = "Who; asked for when it is missing")
  @Nullable String user;

  @Override
  int run(Api api, Output output) throws IOException {
    var input = new PasswordInput(output);
    var name = user == null ? input.ask("User: ") : user;
    var answer = api.login(name, input.password());
    var token = answer.body().path("token").asText();
    var expiresAt = answer.body().path("expiresAt").asText();
    var store =
        TokenStore.ofUser(
            System.getenv(), System.getProperty("user.home"), System.getProperty("os.name"));
    store.put(sameCluster(api, answer.server()), name, token, expiresAt);
    var printed =
        Output.JSON
            .createObjectNode()
            .put("user", name)
            .put("url", answer.server())
            .put("expiresAt", expiresAt)
            .set("roles", answer.body().path("roles"));
    output.print(
        printed,
        List.of("logged in as %s at %s until %s".formatted(name, answer.server(), expiresAt)));
    return 0;
  }

  /** A token is good at every server of its cluster. */
  private List<String> sameCluster(Api api, String server) {
    return target()
        .clusterFile()
        .map(file -> file.servers().stream().map(ClusterFile.Server::url).toList())
        .filter(urls -> urls.contains(server))
        .orElse(api.servers());
  }
}
