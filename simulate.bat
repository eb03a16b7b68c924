@echo off
rem Double-click me. Main job for Windows, without make. test.bat runs the tests through this file.
setlocal
pushd "%~dp0"
chcp 65001 >nul
set PYTHONUTF8=1
if not defined JINING_RUN set "JINING_RUN=-m openfisca_jining simulate"

fc /b requirements.txt .venv\requirements.txt >nul 2>nul
if not errorlevel 1 goto run

set "PY="
for %%V in (3.13 3.12 3.11) do if not defined PY py -%%V -c "import venv" >nul 2>nul && set "PY=py -%%V"
if not defined PY python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))" >nul 2>nul && set "PY=python"
if not defined PY goto nopython

echo 正在建立环境 .venv 并安装依赖，只在第一次需要，请稍候……
%PY% -m venv .venv
if errorlevel 1 goto failed
.venv\Scripts\python -m pip --disable-pip-version-check install --quiet -r requirements.txt
if errorlevel 1 goto failed
.venv\Scripts\python -m pip --disable-pip-version-check install --quiet --no-build-isolation --no-deps -e .
if errorlevel 1 goto failed
copy /y requirements.txt .venv\requirements.txt >nul
echo 环境已就绪。

:run
.venv\Scripts\python %JINING_RUN% %*
set "STATUS=%ERRORLEVEL%"
if "%STATUS%"=="0" (echo 完成。) else (echo 没有全部成功，请看上面的说明。)
goto end

:nopython
echo 没有找到 Python 3.11 至 3.13。请先安装，安装时勾选加入 PATH，然后重新运行。
set STATUS=1
goto end

:failed
echo 环境没有建成，请检查网络连接和磁盘空间，然后重新运行。
set STATUS=1

:end
popd
pause
exit /b %STATUS%
