package dev.batuta.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the image of the project brings to a pod. */
final class Dockerfile {
  private static final Pattern ENVIRONMENT =
      Pattern.compile("^ENV ((?:[^\\n]*\\\\\\n)*[^\\n]*)$", Pattern.MULTILINE);
  private static final Pattern VARIABLE = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|(\\S+))");

  private Dockerfile() {}

  /** The variables that it sets for a container. */
  static Map<String, String> environment() {
    try {
      String text = Files.readString(Manifests.HOME.resolve("Dockerfile"));
      Map<String, String> variables = new TreeMap<>();
      Matcher instruction = ENVIRONMENT.matcher(text);
      while (instruction.find()) {
        Matcher variable = VARIABLE.matcher(instruction.group(1));
        while (variable.find()) {
          String quoted = variable.group(2);
          variables.put(variable.group(1), quoted == null ? variable.group(3) : quoted);
        }
      }
      return variables;
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
  }
}
