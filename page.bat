@echo off
rem Double-click me. The what-if page for Windows, without make; simulate.bat prepares the environment. Close this window to end it.
setlocal
set "JINING_RUN=-m openfisca_jining page"
call "%~dp0simulate.bat" %*
exit /b %ERRORLEVEL%
