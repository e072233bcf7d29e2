// One OMA DM session of a device over HTTPS: POST /onboard/v1/dm, application/vnd.syncml.dm+xml. What the server's commands do is the tree's.
//
// Names: the server's URI and the name it authenticates with are its server_id; the device's URI is its DSIM_ID, its name the account's
// user. Nonces begin as the account has them: client_nonce for the device's first MAC, server_nonce for the server's (and a notification's).
#pragma once
#include <functional>

#include "dm/client.hpp"
#include "protocols/onboard/messages.hpp"
#include "terminal/onboard/web.hpp"

namespace tf::terminal {

struct OnboardDmOrder {
  onboard::ProvisioningServer server;
  dm::ClientSettings settings;
  dm::Nonces nonces;
  std::string session;     // SessionID
  bool by_server = false;  // after a notification
};

Result<dm::ClientSettings> onboard_dm_settings(const onboard::Provisioning& at, const dm::DeviceInfo& info);
dm::Nonces onboard_dm_nonces(const onboard::Account& account);

struct OnboardDmPorts {
  OnboardWeb& web;
  OnboardPatience& patience;
  Random& random;
  std::function<void(const dm::Nonces&)> keep;  // for the next session with this server
  std::function<Status()> stop = {};            // after the server's commands ran: an Error, and no answer leaves
};
// Until the server has nothing more to say. A lost answer is asked for again with the same bytes, three times at most. Errors: those of
// dm::ClientSession and OnboardWeb; Code::unavailable "terminal.dm_refused" (any other status than 200); Code::refused "terminal.dm_aborted", "terminal.dm_elsewhere" (it wants messages sent to another host),
// "terminal.dm_endless" (more than 512 messages).
Status run_dm_session(OnboardDmOrder order, dm::Tree& tree, const OnboardDmPorts& ports);

}  // namespace tf::terminal
