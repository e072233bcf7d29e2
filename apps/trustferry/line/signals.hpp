// Ctrl-C and SIGTERM as something to wait for.
#pragma once

namespace tf::cli {

// To be called before any thread starts: from now on SIGINT and SIGTERM wait for wait_for_stop().
void hold_stop_signals();
void wait_for_stop();
// True once one of them has come; does not wait.
bool stop_requested();

}  // namespace tf::cli
