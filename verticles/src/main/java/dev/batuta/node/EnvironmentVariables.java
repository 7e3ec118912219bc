package dev.batuta.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Variables of an environment. Each may be given by a file instead: {@code NAME_FILE} is the path
 * of one that holds the value of {@code NAME}, which is how containers are handed secrets.
 */
public final class EnvironmentVariables {
  private static final String PREFIX = "BATUTA_";
  private static final String FILE_SUFFIX = "_FILE";

  private static final long MAX_BYTES = 64 * 1024;

  /** Editors and {@code echo} end a text by it; it belongs to no value. */
  private static final Pattern LAST_LINE_END = Pattern.compile("\\R\\z");

  private EnvironmentVariables() {}

  /**
   * The value of a variable, or of its file; empty when neither is given.
   *
   * @throws SettingsException that names the variable, when both are given, or the file cannot be
   *     read, holds nothing but blanks or more than 64 KiB; it never tells what the file holds
   */
  public static Optional<String> value(Map<String, String> environment, String variable) {
    String value = environment.get(variable);
    String file = environment.get(variable + FILE_SUFFIX);
    if (file == null) {
      return Optional.ofNullable(value);
    }
    if (value != null) {
      throw new SettingsException(
          "%s and %s are both given: unset one of them"
              .formatted(variable, variable + FILE_SUFFIX));
    }
    return Optional.of(read(variable + FILE_SUFFIX, file));
  }

  /** Whether a variable of Batuta's is the path of a file that holds another one's value. */
  public static boolean isFile(String variable) {
    return variable.startsWith(PREFIX) && variable.endsWith(FILE_SUFFIX);
  }

  /** The variable whose value a file holds, or the given one where it is no file's. */
  static String heldBy(String variable) {
    return isFile(variable)
        ? variable.substring(0, variable.length() - FILE_SUFFIX.length())
        : variable;
  }

  private static String read(String variable, String file) {
    Path path = Path.of(file);
    try {
      if (!file.isBlank() && Files.size(path) <= MAX_BYTES) {
        String text = Files.readString(path, StandardCharsets.UTF_8);
        return requireText(variable, file, LAST_LINE_END.matcher(text).replaceFirst(""));
      }
    } catch (IOException e) {
      throw new SettingsException(
          "%s is \"%s\": that file cannot be read (%s)".formatted(variable, file, e));
    }
    throw new SettingsException(
        "%s is \"%s\": it takes the path of a file of at most %d bytes"
            .formatted(variable, file, MAX_BYTES));
  }

  /** A secret that was forgotten must not be the same as none. */
  private static String requireText(String variable, String file, String text) {
    if (text.isBlank()) {
      throw new SettingsException(
          "%s is \"%s\": that file is empty; write the value into it, or unset the variable"
              .formatted(variable, file));
    }
    return text;
  }
}
