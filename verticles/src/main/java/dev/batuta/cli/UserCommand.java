package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Users with passwords, for admins. */
@Command(
    name = "user",
    description = "Users with passwords, who log in; for admins.",
    subcommands = UserCommand.Set.class)
final class UserCommand implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: set USER");
  }

  @Command(
      name = "set",
      description =
          "Asks for a password and gives it to a user, who is added where there is none. Who is logged in as that user has to log in again.")
  static final class Set extends ClientCommand {
    @Parameters(paramLabel = "USER", description = "The name to log in with")
    String user = "";

    @Option(
        names = "--role",
        paramLabel = "user|admin",
        description = "What the user may; without it as before, and user for a new one")
    @Nullable String role;

    @Override
    int run(Api api, Output output) throws IOException {
      var body = Output.JSON.createObjectNode().put("user", user);
      if (role != null) {
        body.putArray("roles").add(role);
      }
      body.put("password", new PasswordInput(output).newPassword());
      var set = api.post("/logins", body).body();
      var roles = new ArrayList<String>();
      set.path("roles").forEach(each -> roles.add(each.asText()));
      output.print(
          set,
          List.of(
              "the password of %s is set; roles: %s".formatted(user, String.join(", ", roles))));
      return 0;
    }
  }
}
