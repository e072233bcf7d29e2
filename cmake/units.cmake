# Files of one room are compiled several at a time: most of a unit's time goes into headers and templates that its neighbours need
# too. A private name is therefore one file's within its room; what two files need under one name is one thing, in one place.
# For work on a room, -DTRUSTFERRY_JOIN=OFF compiles each file by itself.
option(TRUSTFERRY_JOIN "compile several files of a room as one unit" OFF)

# These have private names of a neighbour's, with a reason of their own, and stay apart.
set(TRUSTFERRY_APART
  tests/pki/attestation_test.cpp
  tests/pki/device_form_test.cpp
  apps/trustferry/cmd_cardsign.cpp apps/trustferry/cmd_terminal_onboard.cpp apps/trustferry/cmd_simulate_ewallet.cpp
  src/platform/cardsign/service.cpp src/platform/config/wallet.cpp tests/apdu/tlv_test.cpp tests/apdu/sms_download_test.cpp tests/card/tear_off_test.cpp
  src/dm/server.cpp
  apps/trustferry/cmd_onboard.cpp apps/trustferry/cmd_onboard_manufacture.cpp apps/trustferry/cmd_onboard_orders.cpp
  apps/trustferry/cmd_onboard_staff.cpp apps/trustferry/cmd_pki.cpp 
  apps/trustferry/cmd_tool.cpp apps/trustferry/cmd_wallet_users.cpp
  apps/trustferry/demo_wallet.cpp apps/trustferry/onboard_orders.cpp apps/trustferry/secret_argument.cpp bench/all/conversation_floor.cpp
  bench/all/onboard_floor.cpp bench/all/onboard_scene.cpp bench/all/pki_authority_scene.cpp bench/all/pki_issue_floor.cpp
  bench/all/pki_ocsp_peer.cpp bench/all/pki_scene.cpp bench/all/rki_rows.cpp bench/all/scene.cpp bench/all/wallet_floor.cpp
  bench/all/wallet_scene.cpp src/apdu/payment_structure.cpp src/apdu/shield_answers.cpp src/apdu/tlv.cpp src/card/files/file_system.cpp
  src/card/keys/key_store.cpp src/card/piv/administrator.cpp src/card/piv/keys.cpp src/crypto/key_block.cpp src/crypto/retail_mac.cpp
  src/crypto/rs256.cpp src/crypto/signatures.cpp src/dm/client_compose.cpp src/dm/server_receive.cpp src/frontends/card/fields.cpp
  src/frontends/card/reversals.cpp src/frontends/ewallet/verdicts.cpp src/hss/centre_rows.cpp src/hss/osmo/gsup.cpp
  src/net/tls_context.cpp src/payment/desk_refunds.cpp src/payment/rules_file.cpp src/pki/certificate.cpp src/pki/certificate_request.cpp
  src/pki/crl.cpp src/pki/enrolment.cpp src/pki/key_file.cpp src/pki/leaf.cpp src/pki/lint/profile.cpp src/pki/ocsp/request.cpp
  src/pki/ocsp/verify.cpp src/pki/path.cpp src/pki/pkcs12.cpp src/platform/access/store.cpp src/platform/admin/payments.cpp
  src/platform/admin/pki.cpp src/platform/admin/wallet.cpp src/platform/onboard/provisioning/role.cpp src/platform/onboard/revocation.cpp
  src/platform/rewrap.cpp src/platform/rki/work_certificates.cpp src/platform/wallet/instruments.cpp src/platform/wallet/keys.cpp
  src/platform/wallet/service.cpp src/platform/wallet/sms.cpp src/platform/wallet/store.cpp src/simulate/ewallet/ewallet_dialect.cpp
  src/terminal/device_file.cpp src/terminal/wallet.cpp src/terminal/wallet_file.cpp tests/crypto/jose_jwe_test.cpp
  tests/crypto/key_block_refusals_test.cpp tests/crypto/pin_block_refusals_test.cpp tests/crypto/rsa_test.cpp tests/net/loopback.cpp
  tests/onboard/operator.cpp tests/onboard_e2e/envelope_test.cpp tests/onboard_e2e/hand.cpp tests/onboard_e2e/misuse_test.cpp
  tests/payment/books_contract.cpp tests/payment/fault_run.cpp tests/pki/device_verifier_test.cpp tests/pki/dsn_ranges_test.cpp
  tests/pki/lint_extensions_test.cpp tests/pki/lint_profile_test.cpp tests/pki/lint_test.cpp tests/pki/ocsp_request_test.cpp
  tests/pki/ocsp_response_test.cpp tests/pki/ocsp_verify_test.cpp tests/pki/path_forgeries_test.cpp tests/pki/profile_check_test.cpp
  tests/pki/profile_test.cpp tests/pki/request_test.cpp tests/pki/revocation_test.cpp tests/platform/onboard_neighbours_test.cpp
  tests/platform/onboard_peers_test.cpp tests/platform/onboard_provisioning_test.cpp tests/platform/onboard_registration_test.cpp
  tests/platform/onboard_release_test.cpp tests/platform/onboard_whole_test.cpp tests/rki/device_certificate_test.cpp
  tests/rki/misbehaving_answer_test.cpp tests/rki/misbehaving_delivery_test.cpp tests/rki/misbehaving_platform_test.cpp
  tests/rki/misbehaving_staple_test.cpp tests/store/contract_queue.cpp tests/vault/contract_concurrency.cpp
  tests/vault/contract_payment.cpp tests/vault/software_test.cpp tests/wallet_e2e/network_test.cpp)

function(tf_join target)
  if(NOT TRUSTFERRY_JOIN)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE path)
    cmake_path(RELATIVE_PATH path BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
    if(path IN_LIST TRUSTFERRY_APART)
      set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()
