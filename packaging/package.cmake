# What is installed, and the Debian package made of it:  cpack -G DEB  in a built folder.
#
# The bytes of the package follow from the source and the compiler alone: nothing is stamped but
# SOURCE_DATE_EPOCH, which is the changelog's date where nobody gives one.

set(PRODACCESS_MAINTAINER "prodaccess maintainers <maintainers@prodaccess.invalid>" CACHE STRING
  "Maintainer of the package")
set(packaging ${CMAKE_SOURCE_DIR}/packaging)

# The program is built before it is packed; the tests are not waited for.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

install(TARGETS prodaccess RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES completions/prodaccess.bash RENAME prodaccess
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_prodaccess DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES completions/prodaccess.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
file(GLOB manual_pages CONFIGURE_DEPENDS man/*.[157])
foreach(page ${manual_pages})
  string(REGEX REPLACE ".*\\." "" section ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(DIRECTORY man/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${packaging}/copyright ${packaging}/changelog DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${packaging}/policy.toml DESTINATION ${PRODACCESS_SYSCONFDIR})
find_package(Python3 COMPONENTS Interpreter REQUIRED)
file(STRINGS ${packaging}/changelog release_date REGEX "^ -- " LIMIT_COUNT 1)
string(REGEX REPLACE "^ -- .*>  " "" release_date "${release_date}")
execute_process(COMMAND date -d "${release_date}" +%s OUTPUT_VARIABLE release_time
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
configure_file(${packaging}/finish_install.cmake.in finish_install.cmake @ONLY)
install(SCRIPT ${CMAKE_BINARY_DIR}/finish_install.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON) # /etc is outside the prefix
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME prodaccess)
set(CPACK_PACKAGE_CONTACT "${PRODACCESS_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "temporary production access, and a guard on what is done with it")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Gives just-in-time access to production for a limited time, runs commands
with it after a check that understands them, and records everything in a
tamper-evident ledger. One program, no server.
.
Grants come from AWS, Vault or OpenBao, Google Cloud, PostgreSQL,
Kubernetes, programs of one's own, or an embedded authority. Credentials
lie in the kernel's keyring or the desktop's, never in files. Destructive
commands are previewed first and then take a typed confirmation.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Opened at run time, so dpkg-shlibdeps does not see them: the ELF note .note.dlopen says which are
# required and which recommended, and tests/real/test_package.py compares.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4, libssl3")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, libpg-query1504.0, libpq5, libsecret-1-0")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gnome-keyring | keepassxc, openssh-client")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${CMAKE_BINARY_DIR}/conffiles "${PRODACCESS_SYSCONFDIR}/policy.toml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/conffiles)
configure_file(${packaging}/cpack_times.cmake.in cpack_times.cmake @ONLY)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_BINARY_DIR}/cpack_times.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_BINARY_DIR}/cpack_times.cmake)
include(CPack)
