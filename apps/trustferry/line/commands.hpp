// Every command, one function a file.
#pragma once
#include "apps/trustferry/line/command_line.hpp"

namespace tf::cli {

void add_access(CommandLine& line);    // access enrol-code, bindings, alarms, keys, rotate
void add_audit(CommandLine& line);     // audit verify
void add_bridge(CommandLine& line);    // bridge install, serve
void add_batch(CommandLine& line);     // batch issue, list, log
void add_card(CommandLine& line);      // card new, show, reset, serve
void add_demo(CommandLine& line);      // demo
void add_estate(CommandLine& line);    // estate import, list, show, deny, allow, forget-key, alarms
void add_fleet(CommandLine& line);     // fleet personalise, download
void add_keys(CommandLine& line);      // keys list, show, renew, export, import, zone add, zone list
void add_lint(CommandLine& line, CLI::App& tool);  // tool cert lint
void add_milenage(CommandLine& line, CLI::App& tool);  // tool milenage
void add_loader(CommandLine& line);    // loader init, receive, serve, log
void add_ocsp(CommandLine& line);      // ocsp request, install
void add_onboard(CommandLine& line);   // onboard init, install, peer, subscribe, list …
void add_onboard_manufacture(CommandLine& line, CLI::App& onboard);  // onboard manufacture
void add_onboard_orders(CommandLine& line, CLI::App& onboard);       // onboard subscribe, contracts, owner
void add_onboard_staff(CommandLine& line, CLI::App& onboard);        // onboard list, show, withdraw, alarms, status, authenticate
void add_operator(CommandLine& line);  // operator list, enrol, revoke
void add_peer(CommandLine& line);      // peer enrol, list, revoke
void add_pki(CommandLine& line);       // pki issue, renew, show, list, revoke, release, crl …
void add_pki_authorities(CommandLine& line, CLI::App& pki);  // pki authorities, profiles, profile add
void add_pki_est(CommandLine& line, CLI::App& pki);  // pki est code, codes, approve, remove
void add_platform(CommandLine& line);  // init, serve, status
void add_simulate(CommandLine& line);  // simulate …
void add_simulate_acquirer(CommandLine& line, CLI::App& simulate);  // simulate acquirer
void add_simulate_ewallet(CommandLine& line, CLI::App& simulate);  // simulate ewallet
void add_terminal(CommandLine& line);  // terminal personalise, download, show, access …
void add_terminal_access(CommandLine& line, CLI::App& terminal);  // terminal access init, authenticate, show
void add_terminal_cardsign(CommandLine& line, CLI::App& terminal);  // terminal cardsign enrol, pay, update, messages, unblock, show
void add_terminal_cardsign_attach(CommandLine& line, CLI::App& cardsign);  // terminal cardsign attach
void add_terminal_onboard(CommandLine& line, CLI::App& terminal);  // terminal onboard make, certify, run, show, reset
void add_terminal_wallet(CommandLine& line, CLI::App& terminal);  // terminal wallet register, activate, login, pay, …
void add_tool(CommandLine& line);      // tool kcv, keyblock, dik2, cert …
void add_tuak(CommandLine& line, CLI::App& tool);  // tool tuak
void add_vault(CommandLine& line);     // vault passphrase, rewrap
void add_cardsign(CommandLine& line);  // cardsign import, assign, list …
void add_cardsign_containers(CommandLine& line, CLI::App& cardsign);  // cardsign container add, remove
void add_cardsign_order(CommandLine& line, CLI::App& cardsign);     // cardsign order
void add_cardsign_sections(CommandLine& line, CLI::App& cardsign);  // cardsign enable
void add_wallet_sections(CommandLine& line, CLI::App& wallet);      // wallet enable, wallet front-end add
void add_wallet(CommandLine& line);    // wallet reconcile, lines, open, merchant …
void add_wallet_route(CommandLine& line, CLI::App& wallet);  // wallet route explain
void add_wallet_decide(CommandLine& line, CLI::App& wallet);
void add_wallet_users(CommandLine& line, CLI::App& wallet);       // wallet list, show, approve, unlock, close, alarms, front-ends
void add_work(CommandLine& line);      // root sign, work request, work install

Status serve_ocsp(const std::string& directory);  // serve --role ocsp, until it is told to stop
// serve --role contract and the others of onboard
Status serve_onboard(const std::string& directory, const std::string& passphrase_file, const std::vector<std::string>& roles);

}  // namespace tf::cli
