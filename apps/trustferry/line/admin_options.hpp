// The options that every command talking to a running platform has.
#pragma once
#include "apps/trustferry/line/admin_client.hpp"
#include "apps/trustferry/line/command_line.hpp"

namespace tf::cli {

inline void add_admin_options(CLI::App& app, AdminAccess& access) {
  app.add_option("--directory", access.directory, "the platform's data directory")->capture_default_str();
  app.add_option("--as", access.as, "operator, whose files are in DIRECTORY/operators")->capture_default_str();
  app.add_option("--url", access.url, "https://host:port of the admin listener, when it is elsewhere");
  app.add_option("--certificate", access.certificate, "the operator's certificate (PEM), when it is elsewhere");
  app.add_option("--key", access.key, "the operator's private key (PEM), when it is elsewhere");
  app.add_option("--root", access.root, "root certificate (PEM), when it is elsewhere");
}

}  // namespace tf::cli
