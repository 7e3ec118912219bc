/** MySQL or MariaDB: connection pool, migrations, the embedded server. */
@NullMarked
package dev.batuta.database;

import org.jspecify.annotations.NullMarked;
